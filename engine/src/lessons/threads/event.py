"""Cars wait at a red light. It turns green for a moment, then red again."""
import threading
import time

ACTORS = 10  # cars that wait when the light turns green
LATE = 1  # cars that come when it is red again
PAUSE = 50  # ms until the light turns green
PATIENCE = 200  # ms that a car waits before it turns round

green = threading.Event()


def drive():
    if green.wait(PATIENCE / 1000):  #: wait
        print("passed")  #: pass
    else:
        print("turned round")  #: turn


cars = [threading.Thread(target=drive) for _ in range(ACTORS)]
for car in cars:
    car.start()  #: start
time.sleep(PAUSE / 1000)  #: sleep

# However short the green is: everyone who was waiting has been told and will pass.
green.set()  #: set
green.clear()  #: clear

late = [threading.Thread(target=drive) for _ in range(LATE)]
for car in late:
    car.start()  #: start-late
for car in cars + late:
    car.join()  #: join
