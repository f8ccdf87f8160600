from __future__ import annotations

from plan_rules.rules.literal import Among
from plan_rules.rules.shards import MOST_KEPT, Field, Fragments


def test_texts_are_kept_for_the_first_codes_and_right_for_all() -> None:
    odd = Among(fact="x", ranges=((1, 1), (3, 3)))
    fields = (("a", Field(fact="x")), ("b", Field(fact="x", literal=odd)))
    fragments = Fragments(fields)
    for _ in range(2):
        texts = [fragments[code] for code in range(2 * MOST_KEPT)]
        assert texts[:4] == [',"a":0', ',"a":1,"b":1', ',"a":2', ',"a":3,"b":1']
        assert texts[-1] == f',"a":{2 * MOST_KEPT - 1}'
        assert len(fragments) == MOST_KEPT
