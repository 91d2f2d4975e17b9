using System.CommandLine;
using System.Text;
using System.Text.Json;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
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
    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan bench", "times all recipes, as a table"),
        ("gan bench --recipe odog --steps 50 --threads 2 --json", "times one recipe, for a script"),
    ];

    public override ExitCode Run(ParseResult given, Screen screen)
    {
        var asked = Read(given);
        var choice = DeviceChoice.Of(asked.Device, asked.Threads);
        choice.Warn(screen);
        var (steps, batch, json) = (asked.Steps, asked.Batch, asked.Json);
        var recipes = asked.Recipe is { } name ? [book.Find(name)] : book.All;
        var table = new TextTable(
            screen, ("recipe", -9), ("batch", 5), ("ms a step", 9), ("p10", 7), ("p90", 7), ("images/s", 9), ("GFLOP/s", 7), ("peak", 6),
            ("x floor", 7), ("ns apart", 8), ("peak MiB", 8), ("managed B", 10), ("rented B", 8));
        if (!json)
        {
            screen.Say($"{Plural.Of(steps, "step")} on {choice}");
            table.Header();
        }
        // peak: multiply-adds of the processor; floor: the time of the matrix products alone at that rate; ns apart: the delay until one
        // thread reads what another wrote; managed, rented: new memory of one step, of .NET and of the device
        foreach (var recipe in recipes)
        {
            using var device = choice.Open();
            var found = StepBenchmark.Run(recipe, device, batch ?? recipe.Batch, steps);
            if (json)
                screen.Print(JsonOf(found, choice));
            else
                table.Row(Row(found));
        }
        return ExitCode.Done;
    }

    private static string[] Row(StepTimes found) =>
    [
        found.Recipe, $"{found.Batch}", $"{1e3 * found.Median:0.000}", $"{1e3 * found.P10:0.000}", $"{1e3 * found.P90:0.000}",
        $"{found.ImagesPerSecond:N0}", $"{found.Gflops:0.0}", $"{found.PeakGflops:0.0}", $"{found.TimesFloor:0.00}",
        $"{found.ThreadDistance:0}", $"{found.PeakMib:0.0}", $"{found.AllocatedBytesPerStep:N0}", $"{found.RentedBytesPerStep:N0}",
    ];

    private static string JsonOf(StepTimes found, DeviceChoice choice)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("recipe", found.Recipe);
            json.WriteString("device", choice.Name);
            json.WriteOptional("threads", choice.Threads);
            json.WriteNumber("batch", found.Batch);
            json.WriteNumber("steps", found.Steps);
            json.WriteNumber("median_s_per_step", found.Median);
            json.WriteNumber("p10_s", found.P10);
            json.WriteNumber("p90_s", found.P90);
            json.WriteNumber("images_per_s", Math.Round(found.ImagesPerSecond, 1));
            json.WriteNumber("peak_rss_mib", Math.Round(found.PeakMib, 2));
            json.WriteNumber("allocated_bytes_per_step", found.AllocatedBytesPerStep);
            json.WriteNumber("rented_bytes_per_step", found.RentedBytesPerStep);
            json.WriteNumber("gc_collections", found.Collections);
            json.WriteNumber("gflops", Math.Round(found.Gflops, 2));
            if (found is { PeakGflops: { } peak, Floor: { } floor, TimesFloor: { } times })
            {
                json.WriteNumber("multiply_add_peak_gflops", Math.Round(peak, 1));
                json.WriteNumber("floor_s_per_step", floor);
                json.WriteNumber("times_floor", Math.Round(times, 3));
            }
            if (found.ThreadDistance is { } distance)
                json.WriteNumber("thread_distance_ns", Math.Round(distance, 1));
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    /// <summary>The options.</summary>
    internal sealed record Request
    {
        [Option("--recipe", "The recipe", Value = "NAME", Default = "all")]
        public string? Recipe { get; init; }

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

        [Option("--json", "Prints a JSON object for each recipe, on one line")]
        public bool Json { get; init; }
    }
}
