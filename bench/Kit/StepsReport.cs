using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace GanFromScratch.Bench.Kit;

/// <summary>Training steps of all recipes in every way that they can run, beside PyTorch's.</summary>
internal sealed class StepsReport() : PartReport("steps", "Training steps")
{
    private static readonly (string Name, string Title)[] Ours = [("graphs", "ours"), ("plain", "without graphs"), ("fast", "`--fast`")];

    private static readonly (string Name, string Title)[] Torch =
    [
        ("eager", "PyTorch eager"), ("graph", "in a graph"), ("compile", "compiled"), ("compile-graph", "compiled, in a graph"),
    ];

    protected override void Fill(PartFolder left, JsonObject json, StringBuilder text)
    {
        // `gan bench` prints no way of its own, so the command's name says it: graphs-odog
        var steps = new List<(string Recipe, string Way, JsonObject Line)>();
        foreach (var attempt in left.Attempts)
        {
            foreach (var line in left.Objects(attempt.Name))
            {
                bool isTorch = line["mode"] is not null;
                string way = isTorch ? $"torch-{Shown(line, "mode")}" : attempt.Name.Split('-')[0];
                steps.Add((Shown(line, "recipe"), way, line));
            }
        }
        JsonObject? Find(string recipe, string way) => steps.LastOrDefault(step => step.Recipe == recipe && step.Way == way).Line;
        static double? Ms(JsonObject? line) => 1e3 * Number(line, "median_s_per_step");

        text.Append("\nMilliseconds a step, medians. PyTorch computes the same steps in float32, without accuracies.\n");
        var rows = new List<string[]>();
        foreach (string recipe in steps.Select(step => step.Recipe).Distinct())
        {
            double?[] ours = [.. Ours.Select(way => Ms(Find(recipe, way.Name)))];
            double?[] torch = [.. Torch.Select(way => Ms(Find(recipe, $"torch-{way.Name}")))];
            var any = Ours.Select(way => Find(recipe, way.Name)).FirstOrDefault(line => line is not null);
            double? best = ours[..2].Min(), peer = torch.Min();
            rows.Add(
            [
                recipe, Shown(any, "batch"), .. ours.Select(Text), Shown(any, "launches_per_step"), Shown(any, "gflops", "#,0"),
                .. torch.Select(Text), Ratio(peer, best),
            ]);
        }
        Table(
            text,
            [
                "recipe", "batch", .. Ours.Select(way => way.Title), "launches", "GFLOP/s", .. Torch.Select(way => way.Title),
                "best of PyTorch : best of ours, exact",
            ],
            rows);
        json["steps"] = new JsonArray([.. steps.Select(step => new JsonObject { ["way"] = step.Way, ["result"] = step.Line })]);
        foreach (var (recipe, way, line) in steps.Where(step => step.Way == "graphs" && step.Line["replay_refusal"] is not null))
            text.Append(CultureInfo.InvariantCulture, $"\n{recipe}: steps are not replayed: {Shown(line, "replay_refusal")}.\n");
        foreach (var (recipe, way, line) in steps.Where(step => step.Line["why"] is not null))
            text.Append(CultureInfo.InvariantCulture, $"\n{recipe}, {way}: {Shown(line, "why")}\n");

        static string Text(double? ms) => ms?.ToString("#,0.0000", CultureInfo.InvariantCulture) ?? "–";
    }
}
