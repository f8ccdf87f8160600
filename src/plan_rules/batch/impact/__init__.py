"""What a change of the catalog does to customers: the same calls on two catalogs, compared.

The one idea: each customer is compared with themselves, on their present plan, by the same calls
and the values of the same day. Sums of customers can be added, so that a comparison can be
divided. Amounts come from the columnar engine; only `explaining` asks the readable one, for the
few customers whose bills are told line by line, and both must agree to the micro.
"""
