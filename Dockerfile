# syntax=docker/dockerfile:1
# The image of Firebreak. Each step is a script of tools/image, which the tests run as well; what a step downloads is pinned by
# checksum: opa and all of its modules by tools/go/opa/go.sum, npm packages by package-lock.json.
ARG GO_VERSION=1.26
ARG NODE_VERSION=24.21.0

FROM golang:${GO_VERSION}-bookworm AS opa
WORKDIR /src
COPY tools/go/opa tools/go/opa
COPY tools/image/opa.sh tools/image/
RUN tools/image/opa.sh /opt/opa

FROM node:${NODE_VERSION}-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
COPY tools/image/packages.sh tools/image/
RUN tools/image/packages.sh
COPY . .
COPY --from=opa /opt/opa /opt/opa
RUN tools/image/assemble.sh /opt/opa /app

FROM node:${NODE_VERSION}-bookworm-slim
LABEL org.opencontainers.image.title="Firebreak" \
      org.opencontainers.image.description="An admission webhook for microsegmentation" \
      org.opencontainers.image.licenses="Apache-2.0"
# Nothing in the image is written at run time, and nothing but Node is run: no shell is needed, no package manager either.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn*
COPY --from=build /app /app
WORKDIR /app
USER 65532:65532
ENV NODE_ENV=production
EXPOSE 8443 9090
ENTRYPOINT ["node", "/app/src/main.ts"]
CMD ["serve", "--config", "/etc/firebreak/firebreak.yaml"]
