"""Several machines as network namespaces of this one: each with a host name and an address of its own, joined by a bridge. Root only.

mpirun runs in the first one and reaches the others through a command in place of ssh, so that all traffic is TCP over the bridge."""

import os
import pathlib
import shutil
import subprocess

NETWORK = "10.77.13"
BRIDGE = "cwbridge"

AGENT = """#!/bin/sh
# In place of ssh: agent HOST COMMAND...
host=$1
shift
exec ip netns exec "$host" unshare --uts sh -c 'hostname "$0" && exec sh -c "$1"' "$host" "$*"
"""


def call(*command):
    subprocess.run(list(map(str, command)), check=True)


class Hosts:
    def __init__(self, folder, count):
        self.folder = pathlib.Path(folder)
        self.names = [f"cwhost{number}" for number in range(count)]

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.agent = self.folder / "agent"
        self.agent.write_text(AGENT)
        self.agent.chmod(0o755)
        table = "127.0.0.1 localhost\n" + "".join(f"{NETWORK}.{n + 1} {name}\n" for n, name in enumerate(self.names))
        call("ip", "link", "add", BRIDGE, "type", "bridge")
        call("ip", "link", "set", BRIDGE, "up")
        for number, name in enumerate(self.names):
            names = pathlib.Path("/etc/netns") / name
            names.mkdir(parents=True, exist_ok=True)
            (names / "hosts").write_text(table)
            call("ip", "netns", "add", name)
            call("ip", "link", "add", f"cwveth{number}", "type", "veth", "peer", "name", "eth0", "netns", name)
            call("ip", "link", "set", f"cwveth{number}", "master", BRIDGE, "up")
            for setting in (["addr", "add", f"{NETWORK}.{number + 1}/24", "dev", "eth0"], ["link", "set", "eth0", "up"],
                            ["link", "set", "lo", "up"]):
                call("ip", "-n", name, *setting)
        return self

    def __exit__(self, *_):
        for number, name in enumerate(self.names):
            pids = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True).stdout.split()
            for pid in pids:
                subprocess.run(["kill", "-9", pid])
            subprocess.run(["ip", "link", "del", f"cwveth{number}"])
            subprocess.run(["ip", "netns", "del", name])
            shutil.rmtree(pathlib.Path("/etc/netns") / name, ignore_errors=True)
        subprocess.run(["ip", "link", "del", BRIDGE])

    def cut_off(self, number):
        call("ip", "link", "set", f"cwveth{number}", "down")

    def repair(self, number):
        call("ip", "link", "set", f"cwveth{number}", "up")

    def mpirun(self, mpirun, hosts):
        """The command before that of the ranks: one rank on each of the first `hosts` hosts."""
        names = ",".join(f"{name}:1" for name in self.names[:hosts])
        settings = {"plm_rsh_agent": self.agent, "btl": "tcp,self", "btl_tcp_if_include": f"{NETWORK}.0/24",
                    "oob_tcp_if_include": f"{NETWORK}.0/24", "hwloc_base_binding_policy": "none", "plm_rsh_no_tree_spawn": 1,
                    # mpirun would wait for five minutes for the daemon of a host that is gone
                    "oob_tcp_keepalive_time": 4, "oob_tcp_keepalive_intvl": 2, "oob_tcp_keepalive_probes": 3}
        command = ["ip", "netns", "exec", self.names[0], "unshare", "--uts", "sh", "-c",
                   'hostname "$0" && exec "$@"', self.names[0], mpirun, "--host", names, "-n", str(hosts)]
        for key, value in settings.items():
            command += ["--mca", key, str(value)]
        for variable in ("CELLWRIGHT_MPI", "CELLWRIGHT_CACHE"):
            if variable in os.environ:
                command += ["-x", variable]
        return command
