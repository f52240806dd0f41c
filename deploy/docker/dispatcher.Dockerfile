# The dispatcher: Temporal's core library is native and built for glibc only, hence Debian. Deliveries trust the system's
# authorities, hence ca-certificates.
ARG NODE_VERSION=20.20.2

FROM node:${NODE_VERSION}-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
# The workflow bundle is built here, not at start: every pod of a release runs the same one.
RUN npm run build

FROM node:${NODE_VERSION}-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Five platforms' native libraries come with the package; the image runs on one.
RUN npm ci --ignore-scripts --omit=dev \
 && machine="$(uname -m)" \
 && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
      ! -name "${machine}-unknown-linux-gnu" -exec rm -rf {} + \
 && test -n "$(ls node_modules/@temporalio/core-bridge/releases)"

FROM node:${NODE_VERSION}-bookworm-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* /usr/local/lib/node_modules /opt/yarn* \
      /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/package.json ./
COPY --from=build /app/dist ./dist
RUN rm -rf dist/local
USER 10001:10001
STOPSIGNAL SIGTERM
EXPOSE 9090
ENTRYPOINT ["node"]
CMD ["dist/bin/dispatcher.js"]
