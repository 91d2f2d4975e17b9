using System.CommandLine;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Options;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan verify`: trains each recipe a little, and compares its state with the published one.</summary>
internal sealed class VerifyCommand(RecipeBook book) : GanCommand<VerifyCommand.Request>(
    "verify", "Trains each recipe a little, and compares every bit of its state with the published sums")
{
    private const int Digits = 16; // of a sum's 64, in the table

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan verify", "trains all recipes 1, 20 and 200 steps, in some minutes"),
        ("gan verify --recipe odog --device cuda", "does it for one recipe on a graphics card"),
        ("gan verify --steps 20 --threads 1", "stops at 20 steps"),
    ];

    public override ExitCode Run(ParseResult given, Screen screen, Interruption interruption)
    {
        var asked = Read(given);
        var milestones = PublishedStates.Milestones.Where(steps => steps <= asked.Steps).ToList();
        var recipes = (asked.Recipe is { } name ? [book.Find(name)] : book.All)
            .SelectMany(PublishedStates.Forms).ToList();
        var choice = asked.On.Choose();
        choice.Warn(screen);
        if (!asked.Json)
            screen.Say($"{string.Join(", ", milestones)} steps on {choice}, from seed 0, on the built-in digits");
        int width = recipes.Max(recipe => PublishedStates.NameOf(recipe).Length);
        var table = new TextTable(screen, ("recipe", -width), ("steps", 5), ("SHA-256 of the state", -20), ("published", -Digits));
        if (!asked.Json)
            table.Header();
        var others = new List<string>();
        int alike = 0, unknown = 0;
        using var device = choice.Open();
        foreach (var recipe in recipes)
        {
            foreach (int steps in milestones)
            {
                string found = PublishedStates.Reach(recipe, steps, device), form = PublishedStates.NameOf(recipe);
                string? published = PublishedStates.Find(recipe, steps);
                if (published is null)
                    unknown++;
                else if (published == found)
                    alike++;
                else
                    others.Add($"{form}, {Plural.Of(steps, "step")}");
                if (asked.Json)
                    screen.Print(JsonOf(form, steps, found, published));
                else
                    table.Row([form, $"{steps}", found[..Digits], Beside(found, published)]);
            }
        }
        if (others.Count > 0)
            throw Differing(others, alike, choice);
        if (!asked.Json)
        {
            screen.Say();
            screen.Say(
                (alike > 0 ? $"{Plural.Of(alike, "state")}: every bit is as published." : "Nothing was compared.")
                + (unknown > 0 ? $" {Plural.Of(unknown, "state")} of recipes that aren't the program's own: none is published." : ""));
        }
        return ExitCode.Done;
    }

    private static string Beside(string found, string? published) =>
        published is null ? "none" : published == found ? "the same" : published[..Digits];

    private static GanException Differing(List<string> others, int alike, DeviceChoice choice)
    {
        string cause = DevicesCommand.FusesMultiplyAdd
            ? "The same bits are promised wherever `gan devices` says so; if it does here, a part of the program, a driver or the machine "
            + "is at fault: report it with the table and what `gan devices` prints."
            : "This processor has no fused multiply-add (FMA), without which sums are rounded otherwise: that is known, and its runs have "
            + "bits of their own.";
        return new GanException(
            ExitCode.Different,
            $"On {choice}, {Plural.Of(others.Count, "state")} of {others.Count + alike} differ from the published ones. {cause}")
        {
            Lines = others,
        };
    }

    private static string JsonOf(string form, int steps, string found, string? published) => JsonText.Of(json =>
    {
        json.WriteString("recipe", form);
        json.WriteNumber("steps", steps);
        json.WriteString("sha256", found);
        if (published is not null)
            json.WriteString("published", published);
    });

    /// <summary>The options.</summary>
    internal sealed record Request
    {
        [Option("--recipe", "The recipe", Value = "NAME", Default = "all")]
        public string? Recipe { get; init; }

        [Option("--steps", "Leaves out what takes more steps: 1, 20 or 200", Value = "N", Min = 1, Max = 200)]
        public int Steps { get; init; } = 200;

        [Options]
        public DeviceRequest On { get; init; } = new();

        [Option("--json", "Prints a JSON object for each state, on one line")]
        public bool Json { get; init; }
    }
}
