# The dispatcher: Temporal's core library is native and built for glibc only, hence Debian. Deliveries trust the system's
# authorities, hence ca-certificates.
FROM node:20.20.2-bookworm-slim@sha256:2cf067cfed83d5ea958367df9f966191a942351a2df77d6f0193e162b5febfc0 AS node

FROM node AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
# The workflow bundle is built here and not at start, so that every pod of a release runs the same bundle.
RUN npm run build && rm -rf dist/local

FROM node AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The package holds native libraries for five platforms. The image runs on one.
RUN npm ci --ignore-scripts --omit=dev \
 && machine="$(uname -m)" \
 && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
      ! -name "${machine}-unknown-linux-gnu" -exec rm -rf {} + \
 && test -n "$(ls node_modules/@temporalio/core-bridge/releases)"

FROM node
ENV NODE_ENV=production
# The base is no longer rebuilt, so this step installs Debian's fixes.
RUN apt-get update \
 && apt-get upgrade --yes \
 && apt-get install --yes --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* /usr/local/lib/node_modules /opt/yarn* \
      /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/package.json ./
COPY --from=build /app/dist ./dist
USER 10001:10001
STOPSIGNAL SIGTERM
EXPOSE 9090
ENTRYPOINT ["node"]
CMD ["dist/bin/dispatcher.js"]
