import json
import sys

for line in sys.stdin:
    request = json.loads(line)
    a, b, c = (request["params"][name] for name in "abc")
    if a < 0.3:
        answer = {"id": request["id"], "error": "a is too small"}
    else:
        answer = {"id": request["id"], "objectives": [a * a, abs(b - c)]}
    print(json.dumps(answer), flush=True)
