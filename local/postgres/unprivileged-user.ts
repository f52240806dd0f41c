import { chownSync, readFileSync } from 'node:fs';

const NAMES = ['nobody', 'postgres', 'daemon'];

export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Finds the user that owns the data directory and runs the server. Undefined (the current user) unless this process is
 * root, because PostgreSQL refuses to run as root. The user must have an entry in /etc/passwd, which initdb reads, and
 * must be able to own `folder`.
 */
export const unprivilegedUser = (folder: string): SystemUser | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  const usable = knownUsers().find((user) => canOwn(user, folder));
  if (!usable) throw new Error(`PostgreSQL does not run as root, and no other user (${NAMES.join(', ')}) is usable`);
  return usable;
};

const knownUsers = (): SystemUser[] => {
  const entries = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
  return NAMES.flatMap((name) => entries.filter((user) => user.name === name && user.uid > 0));
};

// A container's user namespace may lack the id: chown then fails with EINVAL.
const canOwn = (user: SystemUser, folder: string): boolean => {
  try {
    chownSync(folder, user.uid, user.gid);
    return true;
  } catch {
    return false;
  }
};
