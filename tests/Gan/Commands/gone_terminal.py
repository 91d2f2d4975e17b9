"""Runs a command on a terminal that goes away; prints its exit code. `nohup` before it makes it ignore that."""
import os
import pty
import signal
import sys
import time

how, command = sys.argv[1], sys.argv[2:]
child, terminal = pty.fork()
if child == 0:
    signal.signal(signal.SIGHUP, signal.SIG_IGN if how == "nohup" else signal.SIG_DFL)
    os.execvp(command[0], command)

# once an epoch is over
log = os.path.join(command[command.index("--output") + 1], "loss.csv")
os.set_blocking(terminal, False)
while not os.path.exists(log) or open(log).read().count("\n") < 2:
    time.sleep(0.01)
    try:
        os.read(terminal, 65536)
    except BlockingIOError:
        pass
os.close(terminal)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
