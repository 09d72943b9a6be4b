# Who may reach the container is decided in front of it; the port is on loopback. Requests of other sites are
# refused here, and by the web server.
c.NotebookApp.ip = "127.0.0.1"
c.NotebookApp.port = 8090
c.NotebookApp.port_retries = 0
c.NotebookApp.open_browser = False
c.NotebookApp.token = ""
c.NotebookApp.password = ""
c.NotebookApp.allow_remote_access = True
