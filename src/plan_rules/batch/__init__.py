"""Many customers at once: the columnar reading of the compiled tariff.

The one idea: the same words as columns, and the same answer as `rating` to the micro. Both read
one `TariffBook`; this package must never import `rating`, so that their agreement is a matter
of tests and not of shared code. It must not know advice or switching, and its memory is
bounded whatever the size of the input.

Nothing is in it yet: in this version `rating` prices every call.
"""
