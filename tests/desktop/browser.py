"""A headless browser that looks at the desktop and uses it: real clicks, real keys."""

import time

from selenium import webdriver
from selenium.webdriver import ActionChains
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from engine import URL
from picture import Picture
from tap import until

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
)


class Browser:
    """Chromium in a language, with a window of a size."""

    def __init__(self, language="en-CA", size=(1280, 863)):
        options = Options()
        for flag in (*FLAGS, f"--window-size={size[0]},{size[1]}"):
            options.add_argument(flag)
        options.add_experimental_option("prefs", {"intl.accept_languages": language})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    def open(self, path):
        """Opens a page of the container."""
        until(60, lambda: self._get(URL + path), f"the page {path}")

    def _get(self, url):
        self.driver.get(url)
        return "chrome-error" not in self.driver.current_url

    def text(self):
        """What the page says."""
        return self.driver.find_element(By.TAG_NAME, "body").text

    def picture(self):
        """What the window shows."""
        return Picture(self.driver.get_screenshot_as_png())

    def follow(self, words):
        """Clicks on a link by its words."""
        self.driver.find_element(By.LINK_TEXT, words).click()

    def wait_for_desktop(self, seconds=60):
        """Until the viewer is connected, shows a panel along the top edge, and the picture stands still."""
        until(seconds, lambda: self.driver.execute_script("return document.documentElement.classList.contains('noVNC_connected')"), "a connection of the viewer")
        self._before = None
        return until(seconds, self._settled, "a panel and a desktop that stand still")

    def _settled(self):
        picture = self.picture()
        before, self._before = self._before, picture.png
        panel, _ = picture.colours((0, 2, picture.width, 28)).most_common(1)[0]
        desktop, _ = picture.colours((0, 40, picture.width, picture.height)).most_common(1)[0]
        time.sleep(1)
        return picture if before == picture.png and min(panel) > 200 and max(desktop) < 200 else None

    def click(self, x, y, button="left", times=1):
        """Clicks on a place of the window, as the desktop sees it."""
        canvas = self.driver.find_element(By.CSS_SELECTOR, "canvas")
        middle = canvas.rect["x"] + canvas.rect["width"] / 2, canvas.rect["y"] + canvas.rect["height"] / 2
        actions = ActionChains(self.driver).move_to_element_with_offset(canvas, int(x - middle[0]), int(y - middle[1]))
        for _ in range(times):
            actions = actions.context_click() if button == "right" else actions.click()
        actions.perform()

    def keys(self, *keys):
        """Presses keys together, as a shortcut."""
        actions = ActionChains(self.driver)
        for key in keys:
            actions = actions.key_down(key).pause(0.05)
        for key in reversed(keys):
            actions = actions.key_up(key).pause(0.05)
        actions.perform()

    def type(self, text):
        """Types a text, at the pace of a quick typist."""
        actions = ActionChains(self.driver)
        for letter in text:
            actions = actions.send_keys(letter).pause(0.03)
        actions.perform()
