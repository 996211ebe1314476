"""Small random SWC and ASC files that stress the import rules: soma forms, wires, steps, type changes, stacks, markers."""

import math


def random_swc(rng):
    """A tree in file order with jumps, further roots, repeated positions, id gaps and all kinds of somas."""
    soma_points = rng.choice([0, 1, 1, 2, 3, 3, 4, 5])
    soma_radius = rng.choice([5.0, 3.3333333, 4.1])
    same_radius = rng.random() < 0.5
    next_id = rng.choice([0, 1, 1, 7])
    ids, types, places, lines = [], [], [], []
    for i in range(rng.choice([1, 2, 3, 3, 4, 5, 6, 8, 12, 20])):
        parent = _swc_parent(rng, i)
        kind = _swc_type(rng, i < soma_points, types[parent] if parent >= 0 else None)
        place = _swc_place(rng, places[parent] if parent >= 0 else None, kind == 1, soma_radius)
        radius = soma_radius if kind == 1 and same_radius else rng.uniform(0.05, 5)
        numbers = ["%.*f" % (rng.choice([1, 3, 6, 12]), v) for v in place] + ["%.*f" % (rng.choice([2, 5, 12]), radius)]
        lines.append("%d %d %s %d" % (next_id, kind, " ".join(numbers), ids[parent] if parent >= 0 else -1))
        ids.append(next_id)
        types.append(kind)
        places.append(place)
        next_id += 1 if rng.random() < 0.9 else rng.randrange(1, 9)
    return "\n".join(lines) + "\n"


def _swc_parent(rng, i):
    if i == 0 or rng.random() < 0.04:
        return -1
    if rng.random() < 0.6:
        return i - 1
    if rng.random() < 0.6:
        return rng.randrange(max(0, i - 5), i)
    return min(rng.randrange(3), i - 1)


def _swc_type(rng, soma, parent_type):
    if soma:
        return 1
    if parent_type not in (None, 1) and rng.random() < 0.75:
        return parent_type
    return rng.choice([2, 3, 3, 3, 4, 4, 5, 0, 1 if rng.random() < 0.2 else 3, 7])


def _swc_place(rng, parent, soma, soma_radius):
    if parent is None:
        return rng.uniform(-1000, 1000), rng.uniform(-100, 100), rng.uniform(-10, 10)
    if rng.random() < 0.05:
        return parent
    if soma and rng.random() < 0.5:  # the three-point sphere, or nearly
        return parent[0], parent[1] + rng.choice([-1, 1]) * soma_radius * rng.choice([1, 1, 1.004, 1.02]), parent[2]
    size = rng.choice([0, 0, 1, 7.3, 30, 100]) if rng.random() < 0.25 else rng.uniform(1, 60)
    return tuple(v + size * rng.uniform(-1, 1) for v in parent)


def random_asc(rng):
    """Contours, stacks, trees, markers, spines, texts and sets in any order."""
    parts, centres = [], []
    stacked = rng.random() < 0.5
    centre = (rng.uniform(-50, 50), rng.uniform(-50, 50))
    for k in range(rng.choice([0, 1, 1, 1, 1, 2, 3])):
        if k and not stacked:
            centre = (centre[0] + rng.uniform(-80, 80), centre[1])
        centres.append(centre)
        parts.append(_asc_contour(rng, centre, k * 2.5 + 0.25, 0 if stacked else rng.choice([0, 1])))
    for _ in range(rng.randrange(0 if centres else 1, 5)):
        x, y = rng.choice(centres) if centres else (0, 0)
        reach = rng.choice([5, 12, 40])
        start = (x + rng.uniform(-reach, reach), y + rng.uniform(-reach, reach), 0)
        properties = rng.choice(["(Color Red) (Dendrite)", "(Axon)", "(Color RGB (1,2,3)) (Apical)", "(Dendrite) (Color Red)",
                                 "", "(Color White)\n (Resolution 0.5)\n(Axon)", '(Set "Set 1") (Dendrite)'])
        parts.append("( %s\n%s)%s" % (properties, _asc_branch(rng, start, 0), rng.choice(["\n", " ; End of tree\n"])))
    for _ in range(rng.choice([0, 0, 1, 2])):
        parts.append(rng.choice(['(Sections S1 "A" 0.5)\n', '(Description "a ( b")\n', "(ImageCoords (1 2 3 4))\n",
                                 '(Dot (Color Red) (Name "q") (1 2 3 4))\n', '("Outline" (1 2 3 0) (4 5 6 0) (9 9 9 1))\n',
                                 '( (Color Red) (Font "Times") (1 2 3 4) "text" )\n']))
    rng.shuffle(parts)
    return ";\tV3 text file\n" + "".join(parts)


def _asc_point(rng, place, diameter):
    separator = rng.choice([" ", " ", ", "])
    text = separator.join("%.*f" % (rng.choice([0, 2, 5, 9]), v) for v in place)
    return "(%s%s%.*f%s)" % (text, separator, rng.choice([2, 5, 9]), max(diameter, 0.1),
                             " S%d" % rng.randrange(9) if rng.random() < 0.05 else "")


def _asc_marker(rng):
    return rng.choice(["(Dot (Color Red) (Name \"m\") (1 2 3 0.5))\n", "(Cross (1 1 1 1))\n",
                       "(OpenCircle (Color RGB (1, 2, 3)) (1 2 3 0.5) (3 4 5 0.5)\n)\n"])


def _asc_branch(rng, place, depth):
    text = ""
    if depth and rng.random() < 0.2:
        text += _asc_marker(rng) if rng.random() < 0.5 else "(Color Blue)\n"
    for k in range(rng.choice([1, 1, 2, 2, 3, 6])):
        if k or (depth and rng.random() < 0.6):
            size = rng.choice([0, 5, 20, 60])
            place = tuple(v + size * rng.uniform(-1, 1) for v in place)
        text += _asc_point(rng, place, rng.uniform(0.2, 4)) + rng.choice(["\n", "\n", " ; comment\n"])
        if rng.random() < 0.08:
            text += '<(Class 2 "S")(Color White)(Generated 0)(1 2 3 0.3)>\n'
    if rng.random() < 0.15:
        text += _asc_marker(rng)
    if depth < 4 and rng.random() < 0.5:
        text += "(\n%s)\n" % "|\n".join(_asc_branch(rng, place, depth + 1) for _ in range(rng.choice([1, 2, 2, 3])))
    elif rng.random() < 0.5:
        text += rng.choice(["Normal", "Incomplete", "High", "Low", "Generated", "Midpoint"]) + "\n"
    return text


def _asc_contour(rng, centre, z, z_noise):
    count = rng.choice([2, 3, 5, 8, 15]) if rng.random() < 0.3 else rng.randrange(5, 20)
    size, squash = rng.uniform(4, 12), rng.uniform(0.4, 1)
    start, turn = rng.uniform(0, 6), rng.uniform(0, 3)
    text = '("%s"\n  (Color Red)\n' % rng.choice(["CellBody", "Cell Body", "Soma"])
    for k in range(count):
        angle, r = start + 2 * math.pi * k / count, size * (1 + rng.uniform(-0.15, 0.15))
        u, v = r * math.cos(angle), r * squash * math.sin(angle)
        x, y = u * math.cos(turn) - v * math.sin(turn), u * math.sin(turn) + v * math.cos(turn)
        text += "  %s\n" % _asc_point(rng, (centre[0] + x, centre[1] + y, z + z_noise * rng.uniform(-1, 1)), 0.1)
    return text + ")" + rng.choice(["\n", ";\n", "  ; end\n"])
