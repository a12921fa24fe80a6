import { expect, it } from "vitest";
import { assertLocal, nameNetworkFileSystem } from "../../../src/record/sqlite/network-file-system.ts";
import { makeScratchFolder } from "../scratch.ts";

it.each([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xff534d42 | 0, "CIFS"],
  [0xfe534d42, "SMB2"],
  [0xef53, null],
  [0x58465342, null],
  [0x01021994, null],
  [0x794c7630, null],
])("the file system of type %d is %j", (type, name) => {
  expect(nameNetworkFileSystem(type)).toBe(name);
});

it("a folder of this machine is taken", () => {
  expect(() => assertLocal(makeScratchFolder())).not.toThrow();
});
