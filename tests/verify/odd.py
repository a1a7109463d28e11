"""Services that nobody would want to run: a few lines of Python each, whose first argument is the port."""

_LISTEN = """
import os, signal, socket, sys, time
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
"""
_ANSWER = """
def answer():
    while True:
        client = listener.accept()[0]
        if client.recv(4096):
            client.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok")
        client.close()
"""

ANSWERS = f"{_LISTEN}{_ANSWER}\nanswer()"
ANSWERS_FIGURES = ANSWERS.replace("Content-Length: 2", "Content-Length: 11").replace("nok", "nall is well")
ANSWERS_LISTS = ANSWERS.replace("nok", "n[]")
NEVER_LISTENS = "import time\nprint('still thinking', flush=True)\ntime.sleep(600)"
NEVER_ANSWERS = f"{_LISTEN}\ntime.sleep(600)"
DIES = "import sys\nprint('no disk, no service')\nsys.exit(3)"
FORKS_AWAY = f"{_LISTEN}{_ANSWER}\nif os.fork() == 0: answer()\nos._exit(0)"
IGNORES_SIGNALS = f"""{_LISTEN}{_ANSWER}
for number in range(1, 32):
    if number not in (signal.SIGKILL, signal.SIGSTOP): signal.signal(number, signal.SIG_IGN)
answer()
"""
WRITES_WITHOUT_END = f"""{_LISTEN}{_ANSWER}
import threading
threading.Thread(target=answer, daemon=True).start()
while True: os.write(1, b"all is well, " * 1000 + b"\\n")
"""
LEAVES_DAEMONS = f"""{_LISTEN}{_ANSWER}
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)
    os._exit(0)
answer()
"""
