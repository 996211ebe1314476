"""The traces on which features are compared with eFEL: simulated cells, spike trains and edge cases, from one seed.

Each trace is a dict: name, t (ms), v (mV), i (nA, or None), start, end (ms), extra (settings of its own).
"""

import numpy as np


def trace(name, t, v, start, end, i=None, **extra):
    return {
        "name": name,
        "t": np.ascontiguousarray(t, dtype=float),
        "v": np.ascontiguousarray(v, dtype=float),
        "i": None if i is None else np.ascontiguousarray(i, dtype=float),
        "start": float(start),
        "end": float(end),
        "extra": extra,
    }


def rate(v, scale, half, width):
    """scale * (v - half) / (1 - exp(-(v - half) / width)), continued over v = half."""
    x = (v - half) / width
    small = np.abs(x) < 1e-6
    return scale * width * np.where(small, 1 + x / 2, np.where(small, 1, x) / -np.expm1(-np.where(small, 1, x)))


def simulate_cells(rng, count, duration, dt):
    """Point cells with spike currents, slow K, a sag current and a low-threshold Ca current of random strengths."""
    g_na = rng.uniform(20, 120, count)
    g_k = rng.uniform(2, 20, count)
    g_m = rng.choice([0, 0.05, 0.3, 1.0], count) * rng.uniform(0.5, 1.5, count)
    g_h = rng.choice([0, 0.02, 0.1], count) * rng.uniform(0.5, 1.5, count)
    g_t = rng.choice([0, 0.4, 1.5, 3.0], count) * rng.uniform(0.5, 1.5, count)
    g_leak = rng.uniform(0.02, 0.15, count)
    e_leak = rng.uniform(-80, -60, count)
    amplitude = rng.choice([-4, -1.5, -0.5, 0.0, 0.3, 1, 2, 4, 10, 40], count) * rng.uniform(0.7, 1.3, count)
    start = rng.uniform(0.1, 0.35, count).round(2) * duration
    end = start + rng.uniform(0.3, 0.55, count).round(2) * duration
    v = e_leak.copy()
    m = np.zeros(count)
    h = np.ones(count)
    n = np.zeros(count)
    p = np.zeros(count)
    q = np.full(count, 0.2)
    u = np.full(count, 0.1)
    steps = int(round(duration / dt))
    voltages = np.empty((steps + 1, count))
    voltages[0] = v
    for k in range(steps):
        x = v + 58
        alpha_m, beta_m = rate(x, 0.32, 13, 4), rate(-x, 0.28, -40, 5)
        alpha_h, beta_h = 0.128 * np.exp((17 - x) / 18), 4 / (1 + np.exp((40 - x) / 5))
        alpha_n, beta_n = rate(x, 0.032, 15, 5), 0.5 * np.exp((10 - x) / 40)
        for gate, alpha, beta in ((m, alpha_m, beta_m), (h, alpha_h, beta_h), (n, alpha_n, beta_n)):
            total = alpha + beta
            gate += (alpha / total - gate) * -np.expm1(-dt * total)
        p += (1 / (1 + np.exp(-(v + 35) / 10)) - p) * dt / (1000 / (3.3 * np.exp((v + 35) / 20) + np.exp(-(v + 35) / 20)))
        q += (1 / (1 + np.exp((v + 80) / 7)) - q) * dt / 60
        u += (1 / (1 + np.exp((v + 81) / 4)) - u) * dt / (20 + 50 / (1 + np.exp((v + 60) / 5)))
        s = 1 / (1 + np.exp(-(v + 57) / 6.2))
        injected = np.where((k * dt >= start) & (k * dt < end), amplitude, 0.0)
        conductance = g_na * m**3 * h + g_k * n**4 + g_m * p + g_h * q + g_t * s**2 * u + g_leak
        driving = (
            g_na * m**3 * h * 50 - (g_k * n**4 + g_m * p) * 90 - g_h * q * 30 + g_t * s**2 * u * 120 + g_leak * e_leak
        )
        target = (driving + injected) / conductance
        v = target + (v - target) * np.exp(-dt * conductance)
        voltages[k + 1] = v
    t = np.arange(steps + 1) * dt
    return t, voltages.T, start, end, amplitude


def sampled(rng, kind, t, v):
    """A uniform or uneven selection of the samples of a fine trace."""
    if kind == "fine":
        return t, v
    if kind == "uneven":  # like a variable step: dense where the voltage moves, both sides of some instants
        keep = rng.random(len(t)) < np.clip(np.abs(np.gradient(v)) * 0.8 + 0.01, 0, 1)
        keep[[0, -1]] = True
        times, values = t[keep], v[keep]
        twice = np.sort(rng.choice(np.arange(1, len(times)), 3, replace=False))
        return np.insert(times, twice, times[twice]), np.insert(values, twice, values[twice])
    every = {"0.1": 4, "0.05": 2, "1": 40}[kind]
    return t[::every], v[::every]


def cells(rng):
    for batch, (count, duration) in enumerate([(60, 600.0), (50, 1000.0), (24, 2000.0)]):
        t, voltages, start, end, amplitude = simulate_cells(rng, count, duration, 0.025)
        for c in range(count):
            kind = ["0.1", "0.1", "0.05", "uneven", "uneven", "fine", "1"][c % 7]
            if duration > 1000 and kind == "fine":
                kind = "0.1"
            times, values = sampled(rng, kind, t, voltages[c])
            current = None
            if c % 3 == 0:
                current = np.where((times >= start[c]) & (times < end[c]), amplitude[c], 0.0) + 0.01
            if c % 5 == 0:
                values = values + rng.normal(0, [0.02, 0.5][c % 2], len(values))
            yield trace(f"cell {batch}.{c} {kind}", times, values, start[c], end[c], current,
                        stimulus_current=float(amplitude[c]))


def neuron_cells(_rng):
    """Branched cells by NEURON: variable step, soma and dendrite."""
    from neuron import h

    h.load_file("stdrun.hoc")
    soma, dendrite = h.Section(name="soma"), h.Section(name="dend")
    dendrite.connect(soma(1))
    soma.L = soma.diam = 20
    dendrite.L, dendrite.diam, dendrite.nseg = 400, 2, 21
    for section in (soma, dendrite):
        section.insert("hh")
        section.Ra = 120
    for segment in dendrite:
        segment.hh.gnabar = 0.03
    clamp = h.IClamp(soma(0.5))
    clamp.delay, clamp.dur = 50, 200
    recorded = [h.Vector().record(x) for x in (h._ref_t, soma(0.5)._ref_v, dendrite(0.9)._ref_v)]
    for variable in (True, False):
        h.cvode.active(variable)
        for amplitude in (-0.3, 0.05, 0.2, 0.35, 0.6, 1.0, 3.0):
            clamp.amp = amplitude
            h.finitialize(-65)
            h.continuerun(320)
            t, v_soma, v_dendrite = (np.array(x) for x in recorded)
            for place, v in (("soma", v_soma), ("dendrite", v_dendrite)):
                yield trace(f"neuron {place} {amplitude} nA {'variable' if variable else 'fixed'} step", t, v, 50, 250,
                            stimulus_current=amplitude)
    h.cvode.active(False)


def spike_shape(x, rise, fall, depth, tail):
    """A spike with its begin at x = 0 [ms]: up to 1, down to a minimum of -depth that decays."""
    up = np.clip(x / rise, 0, 1)
    down = np.clip((x - rise) / fall, 0, 1)
    after = np.where(x > rise + fall, np.exp(-np.clip(x - rise - fall, 0, None) / tail), 1.0)
    return np.where(x < 0, 0, np.where(x < rise, up, (1 - (1 + depth) * down) * after))


def spike_train(rng, times, duration, dt, base=-70.0, height=100.0, slope=0.0):
    t = np.arange(int(round(duration / dt)) + 1) * dt
    v = np.full(len(t), base) + slope * t
    for time in times:
        rise, fall = rng.uniform(0.3, 1.0), rng.uniform(0.5, 2.0)
        v += height * rng.uniform(0.7, 1.0) * spike_shape(t - time, rise, fall, rng.uniform(0, 0.15), rng.uniform(2, 40))
    return t, v


def trains(rng):
    """Spike trains at chosen times: bursts, doublets, regular, adapting, random; also at the window's edges."""
    for k in range(56):
        duration, dt = 800.0, [0.1, 0.1, 0.05, 0.25][k % 4]
        start, end = 100.0, 600.0
        kind = k % 8
        if kind == 0:
            times = np.arange(110, 590, rng.uniform(12, 90))
        elif kind == 1:
            times = 110 + np.cumsum(rng.uniform(4, 20) * rng.uniform(1.02, 1.4) ** np.arange(20))
        elif kind in (2, 3):
            times = np.concatenate([b + np.arange(rng.integers(2, 6)) * rng.uniform(5, 9)
                                    for b in np.arange(115, 590, rng.uniform(60, 140))])
        elif kind == 4:
            times = np.sort(rng.uniform(10, 780, rng.integers(1, 25)))
        elif kind == 5:
            times = np.array([start, start - 0.5, end - 0.6, end])[: rng.integers(1, 5)]
        elif kind == 6:
            times = np.sort(rng.uniform(start, end, rng.integers(1, 6)))
        else:
            times = np.array([20.0, 60.0, 130.0, 139.0, 152.0, 300.0, 620.0, 700.0, 794.0])[rng.integers(0, 4):]
        t, v = spike_train(rng, times[times < duration], duration, dt, slope=rng.choice([0, 0.005, -0.01]))
        if k % 3 == 1:
            v += rng.normal(0, 0.05, len(v))
        if k % 7 == 6:
            v = np.round(v)
        yield trace(f"train {k}", t, v, start, end, stimulus_current=0.5)


def edges(rng):
    t = np.arange(0, 200.05, 0.1)
    flat = np.full_like(t, -70.0)
    yield trace("flat", t, flat, 50, 150, stimulus_current=0.0)
    yield trace("flat with current", t, flat, 50, 150, np.full_like(t, 0.2), stimulus_current=0.1)
    yield trace("flat above the threshold", t, flat + 90, 50, 150)
    yield trace("one sample", [0.0], [-70.0], 0.1, 0.2)
    yield trace("two samples", [0.0, 200.0], [-70.0, -60.0], 50, 150)
    yield trace("two samples, one crossing", [0.0, 200.0], [-70.0, 10.0], 50, 150)
    yield trace("three samples", [0.0, 100.0, 200.0], [-70.0, 10.0, -70.0], 50, 150)
    yield trace("three close samples", [0.0, 0.1, 0.2], [-70.0, 10.0, -70.0], 0.05, 0.15)
    yield trace("four samples", [0.0, 50.0, 100.0, 200.0], [-70.0, -60.0, 10.0, -70.0], 50, 150)
    yield trace("first time twice", np.insert(t, 0, 0.0), np.insert(flat, 0, -60.0), 50, 150)
    yield trace("shorter than a step", [0.0, 0.01, 0.02, 0.03], [-70.0, 20.0, -70.0, -71.0], 0.01, 0.02)
    for length in (5, 9, 12, 40):
        x = np.arange(length) * 0.1
        yield trace(f"{length} samples", x, -60 + 60 * np.sin(x * 9), x[length // 4], x[-2])
    nan = flat.copy()
    nan[1000] = np.nan
    yield trace("a NaN", t, nan, 50, 150)
    yield trace("NaN throughout", t, flat * np.nan, 50, 150)
    _, spikes = spike_train(rng, [60, 80, 100, 130], 200, 0.1)
    for place in (100, 605, 700, 1550):
        holed = spikes.copy()
        holed[place] = np.nan
        yield trace(f"spikes and a NaN at {place}", t, holed, 50, 150)
    infinite = spikes.copy()
    infinite[800] = np.inf
    yield trace("an infinite sample", t, infinite, 50, 150)
    yield trace("stimulus from 0", t, spikes, 0, 150)
    yield trace("stimulus until the end", t, spikes, 50, 200)
    yield trace("stimulus beyond the end", t, spikes, 50, 300)
    yield trace("stimulus after the end", t, spikes, 250, 300)
    yield trace("stimulus before the begin", t + 100, spikes, 20, 60)
    yield trace("negative times", t - 100, spikes, -50, 50)
    yield trace("stimulus before a begin at 0", t, spikes, -50, 0)
    yield trace("tiny stimulus", t, spikes, 80.05, 80.1)
    yield trace("late times", t + 1e6, spikes, 1e6 + 50, 1e6 + 150)
    yield trace("begins above the threshold", t, np.concatenate([np.full(300, 10.0), spikes[300:]]), 50, 150)
    yield trace("ends above the threshold", t, np.concatenate([spikes[:1700], np.full(301, 10.0)]), 50, 150)
    yield trace("block", t, np.concatenate([spikes[:850], np.full(600, -15.0), spikes[1450:]]), 50, 150)
    yield trace("long block", t, np.concatenate([spikes[:850], np.full(600, -25.0), spikes[1450:]]), 50, 150)
    yield trace("deep", t, np.where((t > 55) & (t < 140), spikes - 30, spikes), 50, 150)
    yield trace("touches the threshold", t, np.minimum(spikes, -20.0), 50, 150)
    yield trace("triangles", t, -70 + 8 * np.abs((np.round(t * 10) % 40) - 20.0), 50, 150)
    yield trace("square wave", t, np.where(np.round(t * 10) % 100 < 30, 0.0, -70.0), 50, 150)
    yield trace("square wave with thresholds", t, np.choose((np.round(t * 10).astype(int) // 3) % 4, [-70.0, -20.0, 10.0, -20.0]),
                50, 150)
    yield trace("whole numbers", t, np.round(-50 + 60 * np.sin(t / 3.0)), 50, 150)
    yield trace("sine", t, -50 + 60 * np.sin(t / 2.0), 50, 150, 0.1 * np.sin(t / 2.0))
    yield trace("fast sine", t, -20 + 60 * np.sin(t * 11), 50, 150)
    yield trace("ramp", t, -70 + t, 50, 150)
    yield trace("falling ramp", t, 20 - t, 50, 150, stimulus_current=-0.1)
    yield trace("only down", t, np.where(t < 100, 0.0, -70.0), 50, 150)
    yield trace("only up", t, np.where(t < 100, -70.0, 0.0), 50, 150)
    for place in (0.2, 49.9, 50.0, 50.1, 149.8, 150.0, 150.2, 199.0, 199.5):
        v = flat + 100 * np.clip(1 - np.abs(t - place) / 0.35, 0, None)
        yield trace(f"one spike at {place}", t, v, 50, 150)
        _, train = spike_train(rng, [place, 70, 95], 200, 0.1)
        yield trace(f"spikes and one at {place}", t, train, 50, 150)
    for k in range(10):
        noise = -40 + rng.normal(0, [1, 10, 20, 40][k % 4], len(t))
        yield trace(f"noise {k}", t, noise, 50, 150, rng.normal(0, 0.1, len(t)) if k % 2 else None)
    for k in range(8):
        walk = -60 + np.cumsum(rng.normal(0, [0.5, 5][k % 2], len(t)))
        yield trace(f"random walk {k}", t, walk, 50, 150, stimulus_current=-0.2)
    for step in (0.01, 0.03, 0.3, 1.0, 5.0):
        x = np.arange(0, 200 + step / 2, step)
        yield trace(f"sampled every {step} ms", x, np.interp(x, t, spikes), 50, 150)
        uneven = np.sort(np.concatenate([x, rng.uniform(0, 200, len(x) // 3)]))
        yield trace(f"uneven around {step} ms", uneven, np.interp(uneven, t, spikes), 50, 150)


def subthreshold(rng):
    """Exponentials as channels and membranes give them, with sag, artefacts and noise; chirps for the impedance."""
    t = np.arange(0, 700.05, 0.1)
    during = np.clip(t - 100, 0, 400)
    for k in range(20):
        tau, depth, sag = rng.uniform(3, 60), rng.uniform(-30, 20), rng.uniform(0, 8)
        rise = depth * -np.expm1(-during / tau) - np.sign(depth) * -sag * (np.exp(-during / 90) - np.exp(-during / 20))
        v = -70 + np.where(t <= 500, rise, rise * np.exp(-np.clip(t - 500, 0, None) / tau))
        v += rng.normal(0, [0, 0, 0.01, 0.2][k % 4], len(t))
        current = np.where((t >= 100) & (t < 500), depth / 100, 0.0) if k % 2 else None
        yield trace(f"step response {k}", t, v, 100, 500, current, stimulus_current=depth / 100,
                    multi_stim_start="100, 300", multi_stim_end="200, 500")
    for k in range(16):
        tau, amplitude = rng.uniform(1, 50), rng.uniform(0.1, 2)
        shapes = [-np.expm1(-during / tau), np.exp(-during / tau), -np.expm1(-during / (tau / 5)) * np.exp(-during / (4 * tau)),
                  (during > 0) * np.exp(-during / tau)]
        v = amplitude * shapes[k % 4] * (t <= 500) + rng.normal(0, [0, 0.001, 0.02][k % 3], len(t))
        yield trace(f"channel {k}", t, v, 100, 500)
    for k in range(6):
        x = np.arange(0, 3000.05, 0.1)
        phase = 2 * np.pi * (x / 1000) ** 2 * rng.uniform(3, 12)
        resonance = rng.uniform(4, 15)
        frequency = np.gradient(phase, x) * 1000 / (2 * np.pi)
        gain = 5 / np.sqrt((1 - (frequency / resonance) ** 2) ** 2 + 0.3)
        stimulus = 0.05 * np.sin(phase)
        yield trace(f"chirp {k}", x, -70 + gain * np.sin(phase - 0.2) + rng.normal(0, 0.01, len(x)), [100, 0][k % 2], 2900,
                    stimulus + 0.1 * (k % 2))


def simulated(_rng, mechanisms, program, work):
    """Cells of every kind by NEURON and by the engine (simulated_cells.py)."""
    import simulated_cells

    sources = (simulated_cells.neuron_traces(mechanisms), simulated_cells.engine_traces(program, work))
    for source in sources:
        for name, t, v, amplitude in source:
            current = np.where((t >= simulated_cells.START) & (t < simulated_cells.END), amplitude, 0.0)
            yield trace(name, t, v, simulated_cells.START, simulated_cells.END, current, stimulus_current=amplitude)


KINDS = ("edges", "trains", "subthreshold", "neuron_cells", "cells", "simulated")


def all_traces(simulators, seed=20261123, kinds=None):
    """All traces, or those of some kinds; each kind has a random stream of its own.

    @param simulators arguments of `simulated`."""
    for number, name in enumerate(KINDS):
        if kinds is None or name in kinds:
            extra = simulators if name == "simulated" else {}
            yield from globals()[name](np.random.default_rng((seed, number)), **extra)
