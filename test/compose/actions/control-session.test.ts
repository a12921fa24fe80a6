import { expect, test } from "vitest";
import { controlSession } from "../../../src/compose/actions/control-session.ts";
import type { RunEvent } from "../../../src/core/event/event.ts";
import { identifyOwner } from "../../../src/processes/host.ts";
import { makeState, type World } from "../../rig/checked-state.ts";

const FAR = "2040-01-01T00:00:00.000Z";

/** This process takes the session over as its next owner, or as one that has ended. */
function take({ history, sessionId }: World, { epoch, isGone }: { epoch: number; isGone: boolean }): void {
  const owner = isGone ? { ...identifyOwner(), start_time: 1 } : identifyOwner();
  history.add({
    type: "session.resumed",
    time: history.time,
    session_id: sessionId,
    claim: { owner, epoch, lease_until: FAR },
    command_line: [],
    runs: [],
  });
}

/** What a session's process records when it takes up the one request, or has carried it out. */
function answer({ registry, history, sessionId }: World, type: "request.accepted" | "request.answered"): void {
  const [request] = registry.requestsOf(sessionId);
  if (request === undefined) throw new Error("nothing was asked");
  const { request_id, action, run, force, by } = request;
  const common = { time: history.time, session_id: sessionId, request_id, action, run };
  const event: RunEvent =
    type === "request.accepted"
      ? { type, ...common, force, by }
      : { type, ...common, outcome: "done", message: "by the new owner" };
  history.add(event);
}

test.each([true, false])(
  "to cancel a session that is resumed in this moment asks its new owner; wait: %s",
  async (wait) => {
    const world = makeState();
    const { state, registry, sessionId } = world;
    take(world, { epoch: 2, isGone: true });
    let acts = 0;
    const asked = await controlSession(
      { registry: state.root },
      { id: sessionId, action: "cancel", wait },
      {
        // The second act is to take the session over: the request is on record by then.
        onAct: () => {
          acts += 1;
          if (acts !== 2) return;
          take(world, { epoch: 3, isGone: false });
          answer(world, "request.accepted");
        },
        onProgress: () => answer(world, "request.answered"),
      },
    );
    expect(asked.request).toMatchObject(wait ? { outcome: "done", message: "by the new owner" } : { outcome: null });
    expect(registry.requestsOf(sessionId)).toHaveLength(1);
    expect(registry.findSession(sessionId)?.status).toBe("running");
  },
);
