#!/usr/bin/env python3
"""`--engine neuron` as a user meets it: isolation from what happens inside NEURON, hoc templates, and `verify`.

    neuron_engine_test.py --program CELLWRIGHT --work FOLDER

NEURON is the one of the Python that runs this test.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
EXAMPLE = HERE.parents[1] / "examples/simple_cell"

SWC = "1 1 0 0 0 10 -1\n2 1 10 0 0 10 1\n3 1 20 0 0 10 2\n4 3 20 0 0 1 3\n5 3 140 0 0 1 4\n"

FOLDER_HOC = """
begintemplate FolderCell
public init, soma, dend, all, somatic, basal, apical, axonal, myelinated
objref all, somatic, basal, apical, axonal, myelinated, this
create soma[1], dend[1]
proc init() { localobj reader, importer, path
  all = new SectionList()
  somatic = new SectionList()
  basal = new SectionList()
  apical = new SectionList()
  axonal = new SectionList()
  myelinated = new SectionList()
  forall delete_section()
  path = new String()
  sprint(path.s, "%s/cell.swc", $s1)
  reader = new Import3d_SWC_read()
  reader.quiet = 1
  reader.input(path.s)
  importer = new Import3d_GUI(reader, 0)
  importer.instantiate(this)
  forsec somatic { insert hh }
}
endtemplate FolderCell
"""


def hostile_cell():
    return {
        "name": "hostile",
        "morphology": {"file": "cell.swc"},
        "mechanisms": {"directories": [str(HERE / "hostile")], "insert": {"somatic": ["hh", "Hostile"], "basal": ["pas"]}},
        "parameters": [
            {"param_name": "gnabar_hh", "sectionlist": "somatic", "type": "range", "bounds": [0.05, 0.2]},
            {"param_name": "mode_Hostile", "sectionlist": "somatic", "type": "range", "bounds": [0, 9]},
        ],
        "protocols": {"step": {"stimuli": [{"delay": 2, "amp": 0.5, "duration": 20, "totduration": 30}], "timeout": 4}},
        "features": {"step": {"soma": {"Spikecount": [1, 1], "voltage_base": [-65, 1]}}},
        "simulator": {"engine": "neuron", "step": "fixed"},
    }


class Test:
    def __init__(self, program, work):
        self.program, self.work = str(pathlib.Path(program).resolve()), pathlib.Path(work).resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        (self.work / "cell.swc").write_text(SWC)
        self.environment = dict(os.environ, CELLWRIGHT_NEURON=sys.executable)

    def run(self, *arguments, **environment):
        return subprocess.run([self.program, *map(str, arguments)], cwd=self.work, capture_output=True, text=True,
                              env=dict(self.environment, **environment), timeout=500)

    def write(self, name, content):
        (self.work / name).write_text(json.dumps(content))
        return name

    def isolation(self):
        """Every way to end costs its individual the score, and no other individual anything."""
        cell = self.write("hostile.json", hostile_cell())
        modes = [0, 1, 2, 0, 3, 4, 6, 5, 7, 0]
        expected = {0: None, 1: "exit status 3", 2: "signal 11", 3: "time limit", 4: "non-finite", 5: "signal 6", 6: "does not want to",
                    7: "loating point exception"}
        sets = [{"gnabar_hh.somatic": 0.12, "mode_Hostile.somatic": mode} for mode in modes]
        done = self.run("evaluate", cell, "--params", self.write("sets.json", sets), "--json", "--threads", "2")
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        good = [result for mode, result in zip(modes, told) if mode == 0]
        for result in good:
            assert result["errors"] == {} and result["responses"]["step.soma.v"]["spikes"] > 0, result
            assert result["objectives"] == good[0]["objectives"], (result, good[0])
        for mode, result in zip(modes, told):
            if mode == 0:
                continue
            assert expected[mode] in result["errors"]["step"], (mode, result["errors"])
            assert set(result["objectives"].values()) == {250}, (mode, result)
            print(f"mode {mode}: {result['errors']['step']}")
        strict = self.run("evaluate", cell, "--params", "sets.json", "--strict")
        assert strict.returncode == 1, strict

    def bad_models(self):
        """What NEURON does not find is an input error with its place."""
        self.write("hostile.json", hostile_cell())
        cell = hostile_cell()
        cell["parameters"].append({"param_name": "gbar_Absent", "sectionlist": "somatic", "type": "range", "value": 1})
        cell["mechanisms"]["insert"]["basal"].append("Absent")
        cell["locations"] = {"far": {"section_list": "basal", "index": 7}}
        cell["protocols"]["step"]["extra_recordings"] = [{"name": "far", "location": "far"}]
        done = self.run("evaluate", self.write("bad.json", cell), "--params", self.write("one.json", {"gnabar_hh.somatic": 0.1, "mode_Hostile.somatic": 0}))
        assert done.returncode == 3, done
        for text in ("mechanism 'Absent'", "parameter 'gbar_Absent.somatic'", "recording 'step.far.v': section list 'basal' has 1 sections, index 7"):
            assert text in done.stderr, (text, done.stderr)
        missing = self.run("evaluate", "hostile.json", "--params", "one.json", CELLWRIGHT_NEURON="/no/such/python")
        assert missing.returncode == 1 and "NEURON was not found" in missing.stderr and "pip install neuron" in missing.stderr, missing
        doctor = self.run("doctor", CELLWRIGHT_NEURON="/no/such/python")
        assert doctor.returncode == 0 and "not found, needed for --engine neuron and verify only" in doctor.stdout, doctor
        assert "cannot start '/no/such/python'" in doctor.stdout, doctor
        doctor = self.run("doctor").stdout
        assert f"({sys.executable}, from $CELLWRIGHT_NEURON); {pathlib.Path(sys.executable).parent / 'nrnivmodl'}" in doctor, doctor

    def library_of_the_user(self):
        """NEURON loads what nrnivmodl has left in the folder where it starts; ours starts elsewhere."""
        folder = self.work / "user"
        folder.mkdir(exist_ok=True)
        compiler = pathlib.Path(sys.executable).parent / "nrnivmodl"
        subprocess.run([compiler, HERE / "hostile"], cwd=folder, check=True, capture_output=True)
        cell = dict(hostile_cell(), morphology={"file": str(self.work / "cell.swc")})
        (folder / "cell.json").write_text(json.dumps(cell))
        (folder / "p.json").write_text(json.dumps({"gnabar_hh.somatic": 0.12, "mode_Hostile.somatic": 0}))
        done = subprocess.run([self.program, "evaluate", "cell.json", "--params", "p.json"], cwd=folder, capture_output=True, text=True,
                              env=self.environment, timeout=500)
        assert done.returncode == 0 and "error" not in done.stderr, done

    def broken_mod(self):
        folder = self.work / "broken"
        folder.mkdir(exist_ok=True)
        (folder / "broken.mod").write_text("NEURON { SUFFIX Broken NONSPECIFIC_CURRENT i }\nBREAKPOINT { i = no_such_thing }\n")
        cell = hostile_cell()
        cell["mechanisms"] = {"directories": ["broken"], "insert": {"somatic": ["hh", "Broken"]}}
        del cell["parameters"][1]
        done = self.run("evaluate", self.write("broken.json", cell), "--params", self.write("b.json", {"gnabar_hh.somatic": 0.1}))
        assert done.returncode == 1 and "nrnivmodl did not compile" in done.stderr and "no_such_thing" in done.stderr, done

    def noise_of_mods(self):
        """A mod that draws random numbers draws the same ones whatever ran before, in whichever process."""
        folder = self.work / "noise"
        folder.mkdir(exist_ok=True)
        (folder / "hiss.mod").write_text("NEURON { SUFFIX Hiss NONSPECIFIC_CURRENT i RANGE amp }\nPARAMETER { amp = 0 }\n"
                                         "ASSIGNED { i (mA/cm2) }\nBREAKPOINT { i = amp * (scop_random() - 0.5) }\n")
        cell = hostile_cell()
        cell["mechanisms"] = {"directories": ["noise"], "insert": {"somatic": ["hh", "Hiss"], "basal": ["pas"]}}
        cell["parameters"][1] = {"param_name": "amp_Hiss", "sectionlist": "somatic", "type": "range", "bounds": [0, 1]}
        cell["protocols"]["step"]["stimuli"][0]["delay"] = 10
        self.write("noise.json", cell)

        def objectives(amplitudes, threads):
            sets = [{"gnabar_hh.somatic": 0.12, "amp_Hiss.somatic": a} for a in amplitudes]
            done = self.run("evaluate", "noise.json", "--params", self.write("noise_sets.json", sets), "--json", "--threads", threads)
            assert done.returncode == 0, done
            told = json.loads(done.stdout)
            return [result["objectives"] for result in (told if isinstance(told, list) else [told])]

        alone, = objectives([0.02], 1)
        quiet, = objectives([0], 1)
        assert alone != quiet, "the mod makes no noise"
        for threads in (1, 2):
            assert objectives([0.02, 0.01, 0.02, 0.02], threads)[::2] == [alone, alone], threads
            assert objectives([0.01, 0.02], threads)[1] == alone, threads

    def cache_race(self):
        """Of three processes that want the same mechanisms one is killed while it builds: the others get on, nothing is left."""
        cache = self.work / "race_cache"
        shutil.rmtree(cache, ignore_errors=True)
        cache.mkdir()
        self.write("hostile.json", hostile_cell())
        self.write("race.json", {"gnabar_hh.somatic": 0.12, "mode_Hostile.somatic": 0})
        command = [self.program, "evaluate", "hostile.json", "--params", "race.json", "--json"]

        def start():
            return subprocess.Popen(command, cwd=self.work, env=dict(self.environment, CELLWRIGHT_CACHE=str(cache)), text=True,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)

        def entries():
            return [path for path in cache.glob("neuron-*") if path.is_dir()]

        victim, end = start(), time.monotonic() + 60
        while not entries():
            assert victim.poll() is None and time.monotonic() < end, "the build was not seen"
            time.sleep(0.02)
        assert entries()[0].name.count(".") >= 2, entries()
        others = [start(), start()]
        time.sleep(0.3)  # they wait for the lock
        os.killpg(victim.pid, signal.SIGKILL)
        victim.communicate()
        assert victim.returncode == -signal.SIGKILL, victim.returncode
        told = [process.communicate(timeout=200) for process in others]
        assert all(process.returncode == 0 for process in others), told
        assert json.loads(told[0][0])["objectives"] == json.loads(told[1][0])["objectives"], told
        assert len(entries()) == 1 and "." not in entries()[0].name, entries()

    def hanging_template(self):
        """A hoc template that never ends is an error, not a program that waits for ever."""
        cell = hostile_cell()
        (self.work / "endless.hoc").write_text(
            "begintemplate Endless\npublic soma, all, somatic\ncreate soma\nobjref all, somatic\n"
            "proc init() { while (1) {} }\nendtemplate Endless\n")
        cell.update({"model": {"hoc": "endless.hoc"}, "mechanisms": {}, "parameters": [cell["parameters"][0]]})
        done = self.run("evaluate", self.write("endless.json", cell), "--params", self.write("e.json", {"gnabar_hh.somatic": 0.1}),
                        CELLWRIGHT_NEURON_START_TIMEOUT="3")
        assert done.returncode == 1 and "cannot build the cell: it is not done after 3 s" in done.stderr, done

    def hoc_model(self):
        """A cell that exists as hoc gives the traces of the cell that it was exported from; its parameters can be set."""
        params = EXAMPLE / "hidden_parameters.json"
        done = self.run("export", "hoc", EXAMPLE / "cell.json", "--params", params, "--out", "exported.hoc")
        assert done.returncode == 0, done
        cell = json.loads((EXAMPLE / "cell.json").read_text())
        cell["morphology"] = {"file": str(EXAMPLE / cell["morphology"]["file"])}
        cell["mechanisms"] = {"directories": [str(EXAMPLE / "mechanisms")]}
        cell["features"] = str(EXAMPLE / "features.json")
        cell["model"] = {"hoc": "exported.hoc"}
        cell["simulator"] = {"engine": "neuron", "step": "fixed"}
        free = [p for p in cell["parameters"] if p["param_name"] == "gbar_HHk"]
        cell["parameters"] = [p for p in cell["parameters"] if p["type"] == "global"] + free
        hidden = json.loads(params.read_text())
        sets = [{"gbar_HHk.somatic": value} for value in (hidden["gbar_HHk.somatic"], 0.3)]
        done = self.run("evaluate", self.write("hoc.json", cell), "--params", self.write("hoc_sets.json", sets), "--json")
        assert done.returncode == 0, done
        told = json.loads(done.stdout)
        same = self.run("evaluate", EXAMPLE / "cell.json", "--params", params, "--engine", "neuron", "--json")
        assert told[0]["objectives"] == json.loads(same.stdout)["objectives"], (told[0], same.stdout)
        assert told[0]["responses"] != told[1]["responses"], told
        run = ("optimise", "hoc.json", "--offspring", "3", "--generations", "2", "--out", "hoc_run", "--no-report")
        shutil.rmtree(self.work / "hoc_run", ignore_errors=True)
        found = self.run(*run)
        assert found.returncode == 0, found
        best = json.loads((self.work / "hoc_run/best_params.json").read_text())
        scored = self.run("evaluate", "hoc.json", "--params", "hoc_run/best_params.json", "--json")
        hall = json.loads((self.work / "hoc_run/hall_of_fame.json").read_text())
        assert list(best) == ["gbar_HHk.somatic"] and scored.returncode == 0, (best, scored)
        assert json.dumps(hall).count(str(best["gbar_HHk.somatic"])) >= 1, (hall, best)
        native = self.run("evaluate", "hoc.json", "--params", "hoc_sets.json", "--engine", "native")
        assert native.returncode == 3 and "the native engine cannot run it" in native.stderr, native

    def folder(self):
        """A template that takes the folder of its morphologies and looks for its own file there (BluePyOpt's morphology_path)."""
        shapes = self.work / "shapes"
        shapes.mkdir(exist_ok=True)
        (shapes / "cell.swc").write_text(SWC)
        (self.work / "folder.hoc").write_text(FOLDER_HOC)
        cell = hostile_cell()
        cell.update({"morphology": {"file": "shapes"}, "model": {"hoc": "folder.hoc"}, "mechanisms": {}})
        cell["parameters"] = [cell["parameters"][0]]
        done = self.run("evaluate", self.write("folder.json", cell), "--params", self.write("f.json", {"gnabar_hh.somatic": 0.12}), "--json")
        assert done.returncode == 0, done
        assert json.loads(done.stdout)["responses"]["step.soma.v"]["spikes"] > 0, done.stdout

    def verify(self):
        """The example agrees; a difference beyond the limits is exit status 1."""
        params = EXAMPLE / "hidden_parameters.json"
        done = self.run("verify", EXAMPLE / "cell.json", "--params", params, "--json", "--numeric", "strict", "--step", "fixed")
        assert done.returncode == 0, done
        told = json.loads(done.stdout)
        assert told["pass"] and len(told["recordings"]) == 3 and told["objectives"], told
        for name, recording in told["recordings"].items():
            assert recording["first_deviation_ms"] is None and recording["largest_deviation"] < 0.01, (name, recording)
            assert len(set(recording["spikes"])) == 1, (name, recording)
        assert any(recording["spikes"][0] > 5 for recording in told["recordings"].values()), told
        variable = self.run("verify", EXAMPLE / "cell.json", "--params", params, "--step", "variable")
        assert variable.returncode == 0 and "The engines agree: a spike may be shifted by 2 ms" in variable.stdout, variable
        differs = self.run("verify", EXAMPLE / "cell.json", "--params", params, "--step", "fixed", "--max-score", "0", "--max-shift", "0")
        assert differs.returncode == 1 and "The engines differ" in differs.stdout, differs

    def verify_failures(self):
        """A protocol that fails in both engines was not compared: that is no agreement."""
        cell = json.loads((EXAMPLE / "cell.json").read_text())
        cell["morphology"]["file"] = str(EXAMPLE / cell["morphology"]["file"])
        cell["mechanisms"]["directories"] = [str(EXAMPLE / "mechanisms")]
        cell["features"] = str(EXAMPLE / "features.json")
        cell["evaluation"] = dict(cell.get("evaluation", {}), timeout=1e-6)
        for arguments in ([], ["--json"]):
            done = self.run("verify", self.write("late.json", cell), "--params", EXAMPLE / "hidden_parameters.json", *arguments)
            assert done.returncode == 1 and "time limit" in done.stderr, done
            if arguments:
                told = json.loads(done.stdout)
                assert not told["pass"] and all(all(said) for said in told["errors"].values()), told
            else:
                assert "Not verified" in done.stdout and "NOT COMPARED" in done.stdout, done


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--only", default="isolation,bad_models,library_of_the_user,broken_mod,noise_of_mods,cache_race,hanging_template,hoc_model,folder,verify,verify_failures")
    arguments = parser.parse_args()
    test = Test(arguments.program, arguments.work)
    for name in arguments.only.split(","):
        getattr(test, name)()
        print(f"ok {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
