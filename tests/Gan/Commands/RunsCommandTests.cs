using System.Text.Json;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>`gan runs` and `gan compare`.</summary>
public sealed class RunsCommandTests
{
    private const string Small = "--recipe sdl --dataset digits --limit 64 --batch 16 --samples 4 --threads 1 -q";
    private GanProgram _gan = null!;

    [SetUp]
    public void SetUp() => _gan = new GanProgram();

    [TearDown]
    public void TearDown() => _gan.Dispose();

    [Test]
    public void RunsAreListedWithWhatBecameOfThem()
    {
        Assert.That(_gan.Done("runs").Output, Does.Contain("There is no run yet"));
        _gan.Done($"{Small} --steps 12 --sample-every 1 --checkpoint-every 1");
        _gan.Done($"{Small} --as-written --steps 4 --output runs/other");
        Directory.CreateDirectory(_gan["runs", "no-run"]);
        _gan.Put("runs/other/evaluation.json", """{ "generated": { "classifier_frechet_distance": 3.25 } }"""u8.ToArray());
        string settings = _gan["runs", "other", "settings.json"];
        File.WriteAllText(settings, File.ReadAllText(settings).Replace("\"total_steps\": 4", "\"total_steps\": 8"));

        string[] lines = _gan.Done("runs").Output.Split('\n');
        Assert.That(lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries), Is.EqualTo(
            (string[])["run", "recipe", "data", "steps", "state", "energy", "Frechet", "time"]));
        Assert.That(lines[1], Does.Match(@"^0001-sdl-digits +sdl +digits +12 of 12 +finished +\d\.\d{4} +00:00:\d\d"));
        Assert.That(lines[2], Does.Match(@"^other +sdl --as-written +digits +4 of 8 +stopped +\d\.\d{4} +3\.25 +00:00:\d\d"));

        using (DirectoryLock.Lock(_gan["runs", "other"]))
            Assert.That(_gan.Done("runs runs/other").Output, Does.Contain(OperatingSystem.IsWindows() ? "stopped" : "training"));
        string[] json = _gan.Done("runs --json").Output.TrimEnd().Split('\n');
        Assert.That(json, Has.Length.EqualTo(2));
        var other = JsonDocument.Parse(json[1]).RootElement;
        Assert.That(other.GetProperty("classifier_frechet_distance").GetDouble(), Is.EqualTo(3.25));
        Assert.That((other.GetProperty("step").GetInt32(), other.GetProperty("state").GetString()), Is.EqualTo((4, "stopped")));

        // a line that is being written is no fault, a damaged file is one of its run alone
        File.AppendAllText(_gan["runs", "other", "metrics.jsonl"], "{\"epoch\":");
        _gan.Done("runs");
        File.AppendAllText(_gan["runs", "other", "metrics.jsonl"], "\n");
        var result = _gan.Refused(ExitCode.Data, "runs", "metrics.jsonl", "its line 2 is no JSON object");
        Assert.That(result.Output, Does.Contain("0001-sdl-digits"));
        _gan.Refused(ExitCode.Data, "runs nowhere", "Name a folder of runs");
    }

    [Test]
    public void RunsAreCompared()
    {
        _gan.Done($"{Small} --steps 4 --output first");
        _gan.Done($"{Small} --steps 8 --seed 3 --lr 1e-3 --output second");
        string output = _gan.Done("compare first second").Output;
        string[] rows = [@"seed +0 +3", @"g_learning_rate +0\.\d+ +0\.001", @"total_steps +4 +8", @"d_loss +\d\.\d+ +\d\.\d+"];
        foreach (string row in rows)
            Assert.That(output, Does.Match($@"\n{row}\s*\n"));
        Assert.That(output, Does.Not.Contain("\nbatch").And.Not.Contain("\ndataset"), "nothing that is the same");
        var json = JsonDocument.Parse(_gan.Done("compare first second --json").Output).RootElement;
        var seeds = json.GetProperty("differences").GetProperty("seed").EnumerateArray().Select(seed => seed.GetString());
        Assert.That(seeds, Is.EqualTo((string[])["0", "3"]));
        var steps = json.GetProperty("figures").GetProperty("steps").EnumerateArray().Select(step => step.GetInt32());
        Assert.That(steps, Is.EqualTo((int[])[4, 8]));
        Assert.That(_gan.Done("compare first first").Output, Does.Contain("Nothing differs in their settings."));
        _gan.Refused(ExitCode.Usage, "compare first", "needs two runs");
        _gan.Refused(ExitCode.Data, "compare first nowhere", "There is no run 'nowhere'");
    }
}
