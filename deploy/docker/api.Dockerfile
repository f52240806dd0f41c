# The API and the one-shot jobs (migrate, setup): plain JavaScript, so the small base image will do.
ARG NODE_VERSION=20.20.2

FROM node:${NODE_VERSION}-alpine AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npx tsc -p tsconfig.build.json

FROM node:${NODE_VERSION}-alpine AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The worker's native library has no musl build and nothing here loads it: 137 MB less.
RUN npm ci --ignore-scripts --omit=dev && rm -rf node_modules/@temporalio/core-bridge/releases

FROM node:${NODE_VERSION}-alpine AS runtime
# The runtime needs Node, not the package managers that came with it.
RUN rm -rf /usr/local/lib/node_modules /opt/yarn* \
      /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/package.json ./
COPY --from=build /app/db/migrations ./db/migrations
COPY --from=build /app/dist ./dist
STOPSIGNAL SIGTERM
ENTRYPOINT ["node"]

# The stand-ins of a developer's machine: the key service keeps its keys in /data.
FROM runtime AS local
RUN mkdir /data && chown 10001:10001 /data
VOLUME /data
USER 10001:10001
CMD ["dist/local/kms-server.js"]

# Last, so that a build without a target is the service.
FROM runtime AS api
RUN rm -rf dist/local
# Numeric, so that Kubernetes can tell that it is not root. Nothing in the image is writable for it.
USER 10001:10001
EXPOSE 8080 9090
CMD ["dist/bin/api.js"]
