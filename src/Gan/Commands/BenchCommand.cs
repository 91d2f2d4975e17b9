using System.CommandLine;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Options;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan bench`: times training steps.</summary>
internal sealed class BenchCommand(RecipeBook book)
    : GanCommand<BenchCommand.Request>("bench", "Times training steps of the recipes on synthetic pictures")
{
    // a window of 80 columns has the short table
    private static readonly (string Name, int Width, bool IsShort, Func<StepTimes, string> Value)[] Columns =
    [
        ("recipe", -9, true, found => found.Recipe),
        ("batch", 5, true, found => $"{found.Batch}"),
        ("ms a step", 9, true, found => $"{1e3 * found.Median:0.000}"),
        ("p10", 7, false, found => $"{1e3 * found.P10:0.000}"),
        ("p90", 7, false, found => $"{1e3 * found.P90:0.000}"),
        ("images/s", 9, true, found => $"{found.ImagesPerSecond:N0}"),
        ("GFLOP/s", 7, true, found => $"{found.Gflops:0.0}"),
        ("peak", 6, true, found => $"{found.PeakGflops:0.0}"),
        ("x floor", 7, true, found => $"{found.TimesFloor:0.00}"),
        ("ns apart", 8, false, found => $"{found.ThreadDistance:0}"),
        ("peak MiB", 8, true, found => $"{found.PeakMib:0.0}"),
        ("managed B", 10, false, found => $"{found.AllocatedBytesPerStep:N0}"),
        ("rented B", 8, false, found => $"{found.RentedBytesPerStep:N0}"),
    ];

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan bench", "times all recipes, as a table"),
        ("gan bench --recipe odog --steps 50 --threads 2 --json", "times one recipe, for a script"),
        ("gan bench --recipe stable-conv --conditional", "times its form whose networks are told classes"),
        ("gan bench --recipe stable-conv --resolution 64 --channels 3", "times it on larger pictures, in colour"),
    ];

    public override ExitCode Run(ParseResult given, Screen screen, Interruption interruption)
    {
        var asked = Read(given);
        var choice = DeviceChoice.Of(asked.Device, asked.Threads, fast: asked.Fast);
        choice.Warn(screen);
        var (steps, batch, json) = (asked.Steps, asked.Batch, asked.Json);
        int side = asked.Resolution ?? MnistFiles.Shape.Width;
        var picture = new PictureShape(side, side, asked.Channels ?? MnistFiles.Shape.Channels);
        var recipes = asked.Recipe is { } name ? [Fitting(book.Find(name, conditional: asked.Conditional), picture)]
            : (asked.Conditional ? book.All.Select(recipe => recipe.ConditionalForm).OfType<Recipe>() : book.All)
                .Where(recipe => recipe.Takes(picture)).ToList();
        var columns = Columns.Where(column => column.IsShort || Screen.Width > 130).ToList();
        var table = new TextTable(screen, [.. columns.Select(column => (column.Name, column.Width))]);
        if (!json)
        {
            screen.Say($"{Plural.Of(steps, "step")} on {choice}, pictures of {picture}");
            table.Header();
        }
        foreach (var recipe in recipes)
        {
            using var device = choice.Open();
            var found = StepBenchmark.Run(recipe, device, picture, batch ?? recipe.BatchFor(picture), steps);
            if (json)
                screen.Print(JsonOf(found, choice, asked, picture, recipe.IsConditional));
            else
                table.Row([.. columns.Select(column => column.Value(found))]);
        }
        if (!json)
        {
            screen.Say();
            screen.Say(
                "peak: the processor's multiply-adds, GFLOP/s; x floor: times as long as the matrix products alone would take at that; "
                + "ns apart: until one thread reads what another wrote; managed, rented: new memory of a step. --json has all of them.");
        }
        return ExitCode.Done;
    }

    /// <exception cref="GanException">Usage: the recipe makes no pictures of this size.</exception>
    private static Recipe Fitting(Recipe recipe, PictureShape picture) => recipe.Takes(picture) ? recipe : throw new GanException(
        ExitCode.Usage,
        $"{recipe.Name} makes pictures of {recipe.SizesInWords}, not of {picture}. "
        + $"Ask for one of these, as by --resolution {recipe.Sides![0]}.");

    private static string JsonOf(
        StepTimes found, DeviceChoice choice, Request asked, PictureShape picture, bool conditional) => JsonText.Of(json =>
    {
        json.WriteString("recipe", found.Recipe);
        json.WriteString("device", choice.Name);
        json.WriteOptional("threads", choice.Threads);
        if (conditional)
            json.WriteBoolean("conditional", true);
        if (asked.Fast)
            json.WriteBoolean("fast", true);
        json.WriteString("picture", $"{picture.Height}x{picture.Width}x{picture.Channels}");
        json.WriteNumber("batch", found.Batch);
        json.WriteNumber("steps", found.Steps);
        json.WriteNumber("median_s_per_step", found.Median);
        json.WriteNumber("p10_s", found.P10);
        json.WriteNumber("p90_s", found.P90);
        json.WriteNumber("images_per_s", Math.Round(found.ImagesPerSecond, 1));
        json.WriteNumber("peak_rss_mib", Math.Round(found.PeakMib, 2));
        json.WriteNumber("allocated_bytes_per_step", found.AllocatedBytesPerStep);
        if (found.LaunchesPerStep is { } launches)
            json.WriteNumber("launches_per_step", launches);
        if (found.ReplaysPerStep is { } replays)
            json.WriteNumber("replays_per_step", replays);
        if (found.ReplayRefusal is { } refusal)
            json.WriteString("replay_refusal", refusal);
        json.WriteNumber("rented_bytes_per_step", found.RentedBytesPerStep);
        json.WriteNumber("gc_collections", found.Collections);
        json.WriteNumber("flops_per_step", found.FlopsPerStep);
        json.WriteNumber("gflops", Math.Round(found.Gflops, 2));
        if (found is { PeakGflops: { } peak, Floor: { } floor, TimesFloor: { } times })
        {
            json.WriteNumber("multiply_add_peak_gflops", Math.Round(peak, 1));
            json.WriteNumber("floor_s_per_step", floor);
            json.WriteNumber("times_floor", Math.Round(times, 3));
        }
        if (found.ThreadDistance is { } distance)
            json.WriteNumber("thread_distance_ns", Math.Round(distance, 1));
    });

    /// <summary>The options.</summary>
    internal sealed record Request
    {
        [Option("--recipe", "The recipe", Value = "NAME", Default = "all")]
        public string? Recipe { get; init; }

        [Option("--conditional", "The form whose networks are told classes, of recipes that have another")]
        public bool Conditional { get; init; }

        [Option("--resolution", "Rows and columns of each picture", Choices = typeof(PictureRequest.Resolutions), Default = "28")]
        public int? Resolution { get; init; }

        [Option("--channels", "1: grey; 3: colour", Choices = typeof(ChannelCounts), Default = "1")]
        public int? Channels { get; init; }

        [Option("--steps", "Steps to time, after a warm-up", Value = "N", Min = 1, Max = 1_000_000)]
        public int Steps { get; init; } = 50;

        [Option(
            "--batch", "Pictures in a batch", Aliases = ["--batch-size"], Value = "N", Min = 1, Max = 1 << 16, Default = "the recipe's")]
        public int? Batch { get; init; }

        [Option("--device", "The device", Value = DeviceKinds.Shown, Choices = typeof(DeviceKinds))]
        public string Device { get; init; } = "auto";

        [Option(
            "--threads", "Threads of the cpu; makes auto pick the cpu",
            Value = "N", Min = 1, Max = RunRequest.MostThreads, Default = "one for each core")]
        public int? Threads { get; init; }

        [Option("--fast", DeviceKinds.FastDescription)]
        public bool Fast { get; init; }

        [Option("--json", "Prints a JSON object for each recipe, on one line")]
        public bool Json { get; init; }

        private sealed class ChannelCounts : IChoices
        {
            public IReadOnlyList<string> Words => ["1", "3"];

            public string? Others => null;
        }
    }
}
