using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Training;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// Holds what the recipes become against the published sums, in src/Gan/Training/Hashes.json. `GAN_UPDATE_GOLDEN=1` writes that file anew,
/// from `TheListIsWhole`; a changed line of it needs one in CHANGELOG.md.
/// </summary>
[TestFixture]
internal sealed partial class PublishedStatesTests
{
    private static readonly string List = Path.Combine(SourceProjects.Root, "src", "Gan", "Training", "Hashes.json");
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static Recipe[] Forms =>
        [.. RecipeBook.BuiltIn.All.SelectMany(PublishedStates.Forms)];

    private static IEnumerable<TestCaseData> FewSteps =>
        from recipe in Forms
        from steps in PublishedStates.Milestones.Take(2)
        select new TestCaseData(recipe, steps).SetArgDisplayNames(PublishedStates.NameOf(recipe), $"{steps}");

    private static IEnumerable<TestCaseData> AllSteps =>
        from recipe in Forms
        select new TestCaseData(recipe, PublishedStates.Milestones[^1]).SetArgDisplayNames(PublishedStates.NameOf(recipe));

    private static IEnumerable<TestCaseData> OnEngines =>
        from engine in (Engine[])[Engine.Emulated, Engine.OpenCl, Engine.Replayed, Engine.Cuda]
        from recipe in Forms
        where engine == Engine.Cuda || recipe.Name == "sdl" || (engine == Engine.OpenCl && recipe.Name is "odog" or "stable-conv")
        select new TestCaseData(engine, recipe).SetArgDisplayNames(engine.Name, PublishedStates.NameOf(recipe));

    [Test]
    public void TheListIsWhole()
    {
        if (Environment.GetEnvironmentVariable("GAN_UPDATE_GOLDEN") == "1")
            Update();
        var list = JsonSerializer.Deserialize<Dictionary<string, Dictionary<string, string>>>(File.ReadAllText(List))!;
        Assert.That(list.Keys, Is.EqualTo(Forms.Select(PublishedStates.NameOf)));
        foreach (var (form, sums) in list)
        {
            Assert.That(sums.Keys, Is.EqualTo(PublishedStates.Milestones.Select(steps => $"{steps}")), form);
            Assert.That(sums.Values, Has.All.Match("^[0-9a-f]{64}$"), form);
        }
        Assert.That(list.Values.SelectMany(sums => sums.Values), Is.Unique);
    }

    [SampledSource(7, nameof(FewSteps))]
    public void AFewStepsReachThePublishedState(Recipe recipe, int steps) => Reaches(Engine.Cpu, recipe, steps);

    [TestCaseSource(nameof(AllSteps))]
    [Category(SampledAttribute.Exhaustive)]
    public void ManyStepsReachThePublishedState(Recipe recipe, int steps) => Reaches(Engine.Cpu, recipe, steps);

    [SampledSource(3, nameof(OnEngines))]
    public void EveryDeviceReachesThePublishedState(Engine engine, Recipe recipe) =>
        Reaches(engine, recipe, engine.IsFast ? 20 : 1);

    [Test]
    public void AChangedSumIsInTheChangelog()
    {
        string changes = File.ReadAllText(Path.Combine(SourceProjects.Root, "CHANGELOG.md"));
        var sums = Forms.ToDictionary(PublishedStates.NameOf, recipe => PublishedStates.Find(recipe, PublishedStates.Milestones[^1])!);
        Assert.That(
            LinesThatLack(changes, sums), Is.Empty,
            "recipes compute other numbers than CHANGELOG.md says: add these lines and why, below \"Bits\"");

        // and one that isn't is found
        sums["sdl"] = Planted(sums["sdl"]);
        Assert.That(LinesThatLack(changes, sums), Is.EqualTo((string[])[$"- sdl: {sums["sdl"][..16]}"]));
        Assert.That(LinesThatLack($"- sdl: {sums["sdl"][..16]}\n{changes}", sums), Is.Empty, "the newest entry stands first");
    }

    [Test]
    public void APlantedBitIsFound()
    {
        var sums = new HashSet<string>();
        float[] values = [1f, 2f, -0f];
        Assert.That(sums.Add(Checkpoint.DigestOf(Of("a", [3], values, "1"))), Is.True);
        float[] flipped = [1f, MathF.BitIncrement(2f), -0f];
        Assert.That(sums.Add(Checkpoint.DigestOf(Of("a", [3], flipped, "1"))), Is.True, "the last bit of a number");
        Assert.That(sums.Add(Checkpoint.DigestOf(Of("a", [3], [1f, 2f, 0f], "1"))), Is.True, "the sign of a zero");
        Assert.That(sums.Add(Checkpoint.DigestOf(Of("a", [3, 1], values, "1"))), Is.True, "a shape");
        Assert.That(sums.Add(Checkpoint.DigestOf(Of("b", [3], values, "1"))), Is.True, "a name");
        Assert.That(sums.Add(Checkpoint.DigestOf(Of("a", [3], values, "2"))), Is.True, "a counter");
        Assert.That(sums.Add(Checkpoint.DigestOf(Of("a", [3], values, "1"))), Is.False, "the same again");
    }

    [Test]
    public void TheCommandSaysWhatIsTheSame()
    {
        using var gan = new GanProgram();
        var result = gan.Done("verify --recipe sdl --steps 20 --threads 1");
        int forms = Forms.Count(recipe => recipe.Name == "sdl");
        Assert.That(Regex.Matches(result.Output, "the same"), Has.Count.EqualTo(2 * forms));
        Assert.That(result.Output, Does.Contain($"{2 * forms} states: every bit is as published."));
        var lines = gan.Done("verify --recipe sdl --steps 1 --json").Output.Trim().Split('\n').Select(line => JsonDocument.Parse(line));
        foreach (var line in lines.Select(line => line.RootElement))
            Assert.That(line.GetProperty("sha256").GetString(), Is.EqualTo(line.GetProperty("published").GetString()));
    }

    // a processor without it rounds otherwise, which must be found and named
    [Test]
    public void OtherArithmeticIsFound()
    {
        if (System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture != System.Runtime.InteropServices.Architecture.X64)
            Assert.Ignore("only an x64 processor can be without fused multiply-add");
        using var gan = new GanProgram();
        var result = gan.RunOf(["env", "DOTNET_EnableAVX2=0", "dotnet", GanProgram.Dll, "verify", "--recipe", "sdl", "--steps", "20"]);
        Assert.That(result.ExitCode, Is.EqualTo((int)ExitCode.Different), result.Output + result.Error);
        Assert.That(result.Error, Does.Contain("differ from the published ones. This processor has no fused multiply-add (FMA)"));
        Assert.That(result.Error, Does.Contain("  sdl, 20 steps"));
    }

    /// <summary>A program that is published with a digit of a sum changed.</summary>
    [Test]
    public void APlantedSumIsFound()
    {
        using var gan = new GanProgram();
        string program = Path.GetDirectoryName(GanProgram.Dll)!, copy = Directory.CreateDirectory(gan["program"]).FullName;
        foreach (string file in Directory.EnumerateFiles(program).Where(file => Path.GetExtension(file) is ".dll" or ".json"))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        string dll = Path.Combine(copy, Path.GetFileName(GanProgram.Dll));
        string sum = PublishedStates.Find(RecipeBook.BuiltIn.Find("sdl"), 1)!;
        byte[] bytes = File.ReadAllBytes(dll);
        int at = bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(sum));
        Assert.That(at, Is.Positive, "the list is in the program as text");
        Encoding.ASCII.GetBytes(Planted(sum)).CopyTo(bytes, at);
        File.WriteAllBytes(dll, bytes);
        var result = gan.RunOf(["dotnet", dll, "verify", "--recipe", "sdl", "--steps", "20", "--threads", "1"]);
        Assert.That(result.ExitCode, Is.EqualTo((int)ExitCode.Different), result.Output + result.Error);
        Assert.That(result.Error, Does.Contain("1 state of 2 differ").And.Contain("  sdl, 1 step"));
    }

    // with another first digit
    private static string Planted(string sum) => (sum[0] == '0' ? '1' : '0') + sum[1..];

    private static string[] LinesThatLack(string changes, Dictionary<string, string> sums)
    {
        // the newest entry stands first
        var newest = Entry().Matches(changes).GroupBy(match => match.Groups[1].Value)
            .ToDictionary(entries => entries.Key, entries => entries.First().Groups[2].Value);
        return [.. sums.Where(sum => newest.GetValueOrDefault(sum.Key) != sum.Value[..16])
            .Select(sum => $"- {sum.Key}: {sum.Value[..16]}")];
    }

    private static void Reaches(Engine engine, Recipe recipe, int steps) =>
        Assert.That(PublishedStates.Reach(recipe, steps, engine.Device), Is.EqualTo(PublishedStates.Find(recipe, steps)));

    private static Snapshot Of(string name, int[] shape, float[] values, string step)
    {
        var snapshot = new Snapshot();
        snapshot.Values(name, shape, values);
        snapshot.Texts["step"] = step;
        return snapshot;
    }

    private static void Update()
    {
        using var device = new CpuDevice(Environment.ProcessorCount);
        var list = Forms.ToDictionary(
            PublishedStates.NameOf,
            recipe => PublishedStates.Milestones.ToDictionary(steps => $"{steps}", steps => PublishedStates.Reach(recipe, steps, device)));
        File.WriteAllText(List, JsonSerializer.Serialize(list, Indented) + "\n");
    }

    [GeneratedRegex("(?m)^- ([a-z][a-z -]*): ([0-9a-f]{16})")]
    private static partial Regex Entry();
}
