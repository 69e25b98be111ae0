import { expect, test } from "vitest";
import { plainLabel, plainMessage } from "../../src/extension/label.ts";

test.each([
  "See [this](command:workbench.action.quit)",
  "[a](https://x.example) [b](file:///etc)",
  "[[x]](command:y)",
  "[x]( command:y)",
])("no message makes a link of %j", (text) => {
  expect(plainMessage(text)).not.toMatch(/\[[^\]]+\]\(/);
  expect(plainMessage(text).replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
});

test("no label draws an icon that a title asks for", () => {
  expect(plainLabel("Costs $(flame) and $5 (net)")).toBe("Costs $ (flame) and $5 (net)");
});
