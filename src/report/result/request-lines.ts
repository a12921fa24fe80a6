import { type ControlRequest, describeRequester, formatRequest } from "../../core/control-request.ts";
import { formatLocalTime } from "../../core/text/local-time.ts";
import { plain, renderSpans, type Span, styled, type TextOptions } from "../text/spans.ts";

/** Renders requests to a session from elsewhere, with their outcomes. */
export function renderRequests(requests: readonly ControlRequest[], options: TextOptions): string[] {
  if (requests.length === 0) return [];
  const lines = [[styled("bold", "Asked")], ...requests.map(describeRequest)];
  return lines.map((spans) => renderSpans(spans, { ...options, columns: null }));
}

function describeRequest(request: ControlRequest): Span[] {
  const { made_time, by } = request;
  return [
    plain("  "),
    styled("dim", formatLocalTime(made_time)),
    plain(` ${formatRequest(request)} by ${describeRequester(by)}: `),
    describeAnswer(request),
  ];
}

function describeAnswer({ accepted_time, outcome, message }: ControlRequest): Span {
  if (outcome === "done") return styled("green", `done: ${message}`);
  if (outcome === "refused") return styled("yellow", `not done: ${message}`);
  return styled("dim", accepted_time === null ? "not accepted yet" : `accepted at ${formatLocalTime(accepted_time)}`);
}
