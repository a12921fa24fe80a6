import fc from "fast-check";

/** Names and messages as nobody hopes for: control sequences, wide and combining letters, broken UTF-16, long ones. */
export const hostileText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 12 }),
      fc.string({ unit: "grapheme", maxLength: 12 }),
      fc.constantFrom(
        "\u001b[2J",
        "\u001b]0;title\u0007",
        "\u009b31m",
        "\u001b",
        "\r",
        "\n",
        "\b\b",
        "\u202e",
        "漢字",
        "e\u0301",
        "👩‍👩‍👧",
        "❤️",
        "\ud800",
        "\u0000",
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(""));

export const CONTROL = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
