/**
 * A UUID in lower case by its shape alone. The version bits are not checked: identity providers and PostgreSQL accept more
 * UUIDs than RFC 9562 names.
 */
export const UUID_PATTERN = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
