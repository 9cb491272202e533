# Serves the app without a Space; docs/deploy.md says how to build and run it.
FROM python:3.12-slim AS files
COPY . /checkout
WORKDIR /checkout
RUN python -m train.space_files /srv/app

FROM python:3.12-slim
COPY requirements-serve.txt /srv/
RUN pip install --no-cache-dir -r /srv/requirements-serve.txt
COPY --from=files /srv/app /srv/app
WORKDIR /srv/app
RUN python -m compileall -q .
# Numeric, so that a platform can see that it is not root. It may write to /tmp only.
USER 65532:65532
ENV HOME=/tmp GRADIO_SERVER_NAME=0.0.0.0 GRADIO_SERVER_PORT=7860
EXPOSE 7860
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD \
  ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:7860/health')"]
CMD ["python", "app.py"]
