"""A batch from beginning to end: gathered, divided, priced, written, accounted for.

The one idea: customers are whole in every part, parts are done one after the other, and what is
done is in a journal. So memory is bounded, a stop costs little, and nothing is priced twice.
It must not know how a call is priced.
"""
