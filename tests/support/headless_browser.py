"""Chromium without a window, driven through its debugging pipe: pages are loaded, asked, clicked and photographed.

Python's standard library only. The browser gets no network: a page that asks for anything else than itself fails the test.
"""

import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import time

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
         "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-pipe"]
TIMEOUT_S = 120


class BrowserError(Exception):
    pass


class Browser:
    """`with Browser() as browser:` one browser with one page, `width` × `height` pixels."""

    def __init__(self, width=1400, height=1000):
        program = next(filter(None, map(shutil.which, PROGRAMS)), None)
        if program is None:
            raise BrowserError(f"there is no browser here ({', '.join(PROGRAMS)}): tools/install_dependencies.sh browser")
        self.size = (width, height)
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._to_browser, self._from_browser = self._start([program, *FLAGS, f"--user-data-dir={self.profile.name}", "about:blank"])
        self._buffer, self._number, self._session = b"", 0, None
        self.problems = []  # console errors, exceptions and requests of the page

    def _start(self, command):
        """The browser reads commands from descriptor 3 and writes answers to 4."""
        read_end, to_browser = os.pipe()
        from_browser, write_end = os.pipe()
        moved = [os.dup(read_end), os.dup(write_end)]  # away from 3 and 4, which bash sets
        line = f'exec "$@" 3<&{moved[0]} 4>&{moved[1]}'
        self.process = subprocess.Popen(["bash", "-c", line, "bash", *command], pass_fds=moved,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for descriptor in (read_end, write_end, *moved):
            os.close(descriptor)
        return to_browser, from_browser

    def __enter__(self):
        targets = self._call("Target.getTargets")["targetInfos"]
        page = next(target["targetId"] for target in targets if target["type"] == "page")
        self._session = self._call("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")
        width, height = self.size
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        os.close(self._to_browser)
        os.close(self._from_browser)
        self.profile.cleanup()

    def _receive(self, deadline):
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._from_browser], [], [], max(0.0, deadline - time.monotonic()))
            chunk = os.read(self._from_browser, 1 << 16) if ready else b""
            if not chunk:
                raise BrowserError("the browser ended" if ready else f"the browser does not answer within {TIMEOUT_S} s")
            self._buffer += chunk
        message, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(message)

    def _note(self, message):
        method, params = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.problems.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            self.problems.append(f"console.{params['type']}: {params['args']}")
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.problems.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
        elif method == "Network.requestWillBeSent":
            url = params["request"]["url"]
            if not url.startswith(("file:", "data:", "about:")):
                self.problems.append(f"the page asks for {url}")

    def _wait_for(self, wanted):
        deadline = time.monotonic() + TIMEOUT_S
        while True:
            message = self._receive(deadline)
            self._note(message)
            if wanted(message):
                return message

    def _call(self, method, **params):
        self._number += 1
        number = self._number
        request = {"id": number, "method": method, "params": params}
        if self._session:
            request["sessionId"] = self._session
        os.write(self._to_browser, json.dumps(request).encode() + b"\0")
        answer = self._wait_for(lambda message: message.get("id") == number)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def load(self, file):
        """Opens a local file and waits until it is loaded."""
        self._call("Page.navigate", url=pathlib.Path(file).resolve().as_uri())
        self._wait_for(lambda message: message.get("method") == "Page.loadEventFired")
        self.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def evaluate(self, expression):
        """The value of a JavaScript expression, as JSON has it."""
        result = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise BrowserError(details.get("exception", {}).get("description", details["text"]))
        return result["result"].get("value")

    def move_to(self, selector, part_x=0.5, part_y=0.5):
        """Puts the pointer onto an element, at a part of its width and height, and returns where it is."""
        x, y = self.evaluate(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)}); e.scrollIntoView({{block: 'center'}});"
            f" const b = e.getBoundingClientRect(); return [b.left + {part_x} * b.width, b.top + {part_y} * b.height]; }})()")
        self._call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        return x, y

    def drag(self, selector, start, end):
        """Presses the button at one part of an element and lets it go at another: (part_x, part_y) each."""
        from_x, from_y = self.move_to(selector, *start)
        x, y = self.move_to(selector, *end)
        for kind, at_x, at_y in (("mousePressed", from_x, from_y), ("mouseMoved", x, y), ("mouseReleased", x, y)):
            self._call("Input.dispatchMouseEvent", type=kind, x=at_x, y=at_y, button="left", buttons=1, clickCount=1)

    def screenshot(self, file, whole_page=True):
        picture = self._call("Page.captureScreenshot", format="png", captureBeyondViewport=whole_page, **self._clip(whole_page))
        pathlib.Path(file).write_bytes(base64.b64decode(picture["data"]))

    def _clip(self, whole_page):
        if not whole_page:
            return {}
        size = self._call("Page.getLayoutMetrics")["cssContentSize"]
        return {"clip": {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}}
