"""What a user sees and does in a browser: the landing page, the desktop behind it, in English and in French."""

import json
import urllib.request

from selenium.webdriver.common.keys import Keys

from browser import Browser
from engine import HOME, URL, Container
from picture import PANEL, find
from tap import until

BASE = "/notebook/ns/name"
# The colour of the desktop in xfce4-desktop.xml.
GROUND = (0.09, 0.34, 0.50)


def prove(tap, image, network, pictures):
    """Runs the checks of this part."""
    english(tap, image, network, pictures)
    french(tap, image, network, pictures)
    languages(tap, image, network)


def looks_like_a_desktop(picture):
    """Size, colours, panel and ground of a picture of the desktop."""
    colours = picture.colours()
    assert len(colours) > 500, f"only {len(colours)} colours"
    panel = picture.colours((0, 1, picture.width, PANEL - 1))
    (light, count), = panel.most_common(1)
    assert min(light) > 200 and count > 0.6 * panel.total(), f"no light panel along the top: {panel.most_common(3)}"
    ground = picture.colours((0, PANEL + 2, picture.width, picture.height))
    (blue, count), = ground.most_common(1)
    assert all(abs(value - 255 * wanted) < 3 for value, wanted in zip(blue, GROUND)), f"the ground is {blue}"
    assert count > 0.6 * ground.total(), "the ground is covered"
    return f"{picture.width}x{picture.height}, {len(colours)} colours, panel {light}, ground {blue}"


def panel_words(picture, language):
    """Words at the left of the panel."""
    return picture.words((0, 0, 420, PANEL), language)


def icon_words(picture, language):
    """Words under the icons at the left."""
    return picture.words((0, PANEL, 320, picture.height), language, dark=True)


def english(tap, image, network, pictures):
    """Without a base path and a language."""
    with Container(image, network) as desktop, Browser("en-CA") as browser:
        with tap.check("the landing page is at http://localhost:8888/, in English, without a script or a foreign address"):
            browser.open("/")
            assert "Your desktop is ready" in browser.text() and "Machine load" in browser.text(), browser.text()
            loaded = browser.driver.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)")
            assert loaded and all(address.startswith(URL) for address in loaded), loaded
            browser.picture().save(pictures / "landing.png")
        with tap.check("its button leads to the desktop: panel, ground, icons with names, the menu's name") as say:
            browser.follow("Open the desktop")
            picture = browser.wait_for_desktop()
            say(looks_like_a_desktop(picture))
            picture.save(pictures / "desktop.png")
            find(panel_words(picture, "eng"), "Applications")
            names = icon_words(picture, "eng")
            for word in ("Home", "Machine", "Load"):
                find(names, word)
        with tap.check("the desktop has the size of the window, and follows it") as say:
            same_size(desktop, browser)
            browser.driver.set_window_size(1500, 1000)
            until(20, lambda: same_size(desktop, browser), "the desktop in the new size")
            say(looks_like_a_desktop(browser.wait_for_desktop()))
            browser.driver.set_window_size(1280, 863)
            until(20, lambda: same_size(desktop, browser), "the desktop in the old size")
        with tap.check("the menu opens at a click and starts a terminal, and what is typed there runs in the container"):
            picture = browser.wait_for_desktop()
            browser.click(*find(panel_words(picture, "eng"), "Applications"))
            menu = until(15, lambda: menu_words(browser, "eng", "Terminal"), "an open menu")
            for word in ("File", "Settings", "Log"):
                find(menu, word)
            browser.picture().save(pictures / "menu.png")
            browser.click(*find(menu, "Terminal"))
            until(20, lambda: desktop.run("pgrep -x xfce4-terminal"), "a terminal")
            typed(desktop, browser, "hello")
            browser.picture().save(pictures / "terminal.png")
            close_terminal(desktop, browser)
        with tap.check("a double click opens the home in the file manager"):
            home = find(icon_words(browser.wait_for_desktop(), "eng"), "Home")

            # On a busy machine two clicks may come too far apart to be one.
            def once_more():
                browser.click(*home, times=2)
                return until(10, lambda: find(whole(browser, "eng"), "Desktop"), "a window")

            until(30, once_more, "a window of the file manager")
            # What README.md shows.
            browser.click(*find(panel_words(browser.picture(), "eng"), "Applications"))
            until(15, lambda: menu_words(browser, "eng", "Terminal"), "an open menu")
            browser.picture().save(pictures / "tour.png")
            browser.keys(Keys.ESCAPE)
            desktop.run("pkill -ix thunar")
            until(20, lambda: looks_like_a_desktop(browser.picture()), "a desktop without windows")
        killed(tap, desktop, browser)
        early(tap, desktop, browser)


def same_size(desktop, browser):
    """Whether the display has the size of the window's inside."""
    inside = browser.driver.execute_script("return `${innerWidth} x ${innerHeight}`")
    return f"current {inside}," in desktop.run("xrandr")


def menu_words(browser, language, wanted):
    """Words of the open menu below the panel's left end."""
    words = browser.picture().words((0, PANEL, 330, 420), language)
    return words if any(wanted in word for word, _, _ in words) else None


def whole(browser, language):
    """Words anywhere."""
    picture = browser.picture()
    return picture.words((0, PANEL, picture.width, picture.height), language)


def typed(desktop, browser, text):
    """Types a command into the open terminal, and waits for what it does in the container."""
    # A terminal that has just opened may not listen yet; a command too many does no harm.
    def once_more():
        browser.type(f"echo {text} >~/typed")
        browser.keys(Keys.ENTER)
        return until(3, lambda: desktop.run("cat ~/typed") == f"{text}\n", "the effect of the command")
    until(20, once_more, "the effect of the command")


def close_terminal(desktop, browser):
    """Ends the terminal as its user would."""
    browser.type("exit")
    browser.keys(Keys.ENTER)
    until(20, lambda: not desktop.run("pgrep -x xfce4-terminal || true"), "the end of the terminal")


def killed(tap, desktop, browser):
    """The supervisor brings back what dies, and the same page of the browser goes on."""
    for name, program in (("the VNC server", "Xtigervnc"), ("the session", "xfce4-session"), ("the web server", "nginx"), ("the bridge", "websockify")):
        with tap.check(f"killed, {name} comes back, and the open page shows the desktop again") as say:
            before = desktop.run(f"pgrep -x {program}").split()
            desktop.run(f"pkill -KILL -x {program}")
            until(30, lambda: set(desktop.run(f"pgrep -x {program}").split()) - set(before), f"a new {name}")
            desktop.wait_for_session()
            picture = browser.wait_for_desktop()
            say(looks_like_a_desktop(picture))
            find(panel_words(picture, "eng"), "Applications")


def early(tap, desktop, browser):
    """A page that is opened before the display can be reached."""
    with tap.check("a page that was opened too early connects by itself, as soon as the desktop is there"):
        control = "supervisorctl -c /etc/supervisor/desktop.conf"
        desktop.run(f"{control} stop websockify")
        browser.open("/desktop")
        until(20, lambda: "noVNC_status_error" in browser.driver.page_source, "an attempt that failed")
        desktop.run(f"{control} start websockify")
        looks_like_a_desktop(browser.wait_for_desktop())


def french(tap, image, network, pictures):
    """Below a base path, with KF_LANG=fr, in a browser that asks for English."""
    with Container(image, network, environment={"NB_PREFIX": BASE, "KF_LANG": "fr"}) as desktop, Browser("en-CA") as browser:
        with tap.check(f"below {BASE} with KF_LANG=fr, the landing page is in French, and / leads to it"):
            browser.open("/")
            assert browser.driver.current_url == f"{URL}{BASE}/", browser.driver.current_url
            assert "Votre bureau est prêt" in browser.text() and "Charge de la machine" in browser.text(), browser.text()
            browser.picture().save(pictures / "landing-fr.png")
        with tap.check("its button leads to a desktop below the base path, with French icons and panel") as say:
            browser.follow("Ouvrir le bureau")
            picture = browser.wait_for_desktop()
            assert browser.driver.current_url.startswith(f"{URL}{BASE}/vnc/"), browser.driver.current_url
            say(looks_like_a_desktop(picture))
            picture.save(pictures / "desktop-fr.png")
            names = icon_words(picture, "fra")
            for word in ("Répertoire", "personnel", "Charge", "machine"):
                find(names, word)
        with tap.check("the menu is in French, and accents arrive as typed"):
            browser.click(*find(panel_words(picture, "eng"), "Applications"))
            menu = until(15, lambda: menu_words(browser, "fra", "terminal"), "an open menu")
            for word in ("Gestionnaire", "Paramètres", "connexion"):
                find(menu, word)
            browser.picture().save(pictures / "menu-fr.png")
            browser.click(*find(menu, "terminal"))
            until(20, lambda: desktop.run("pgrep -x xfce4-terminal"), "a terminal")
            typed(desktop, browser, "déjà-vu-çà")
            browser.picture().save(pictures / "terminal-fr.png")
        with tap.check("programs of the session speak French"):
            environment = desktop.run("tr '\\0' '\\n' </proc/$(pgrep -x xfce4-session)/environ")
            assert "LANG=fr_CA.UTF-8" in environment.splitlines(), environment
        with tap.check("every page and connection stays below the base path"):
            loaded = browser.driver.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)")
            assert len(loaded) > 5 and all(address.startswith(f"{URL}{BASE}/") for address in loaded), json.dumps(loaded)


def languages(tap, image, network):
    """The landing page follows the browser where nobody chose a language."""
    with Container(image, network, environment={"NB_PREFIX": BASE + "/"}) as desktop:
        with tap.check("without KF_LANG the landing page follows the browser, and the desktop is in English"):
            for language, wanted in (("fr-CA,fr;q=0.9,en;q=0.8", "Votre bureau"), ("en-CA,fr;q=0.5", "Your desktop"), ("de", "Your desktop")):
                request = urllib.request.Request(f"{URL}{BASE}/", headers={"Accept-Language": language})
                page = until(30, lambda: urllib.request.urlopen(request, timeout=5).read().decode(), "the landing page")
                assert wanted in page, (language, page)
            assert desktop.run("echo $LANG") == "en_CA.UTF-8\n"
