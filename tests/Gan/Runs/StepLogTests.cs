using System.Text.Json.Nodes;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>`steps.csv` and `scores.jsonl`: the same bytes with interruptions as without.</summary>
public sealed class StepLogTests
{
    private const string Run = "--recipe odog --dataset digits --limit 1000 --batch 5 --sample-every 1 --checkpoint-every 1";

    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void ResumedRunsHaveTheSameLines()
    {
        using var program = new GanProgram();
        program.Done($"train {Run} --steps 450 --output whole");
        program.Done($"train {Run} --steps 230 --output parts"); // within an epoch of 200 steps
        program.Done("resume parts --steps 450");
        foreach (string file in (string[])["steps.csv", "scores.jsonl"])
            Assert.That(File.ReadAllText(program["parts", file]), Is.EqualTo(File.ReadAllText(program["whole", file])), file);

        string[] steps = File.ReadAllLines(program["whole", "steps.csv"]);
        Assert.That(steps[0], Is.EqualTo("step,d_loss,g_loss,d_accuracy_real,d_accuracy_fake"));
        Assert.That(steps.Skip(1).Select(line => int.Parse(line.Split(',')[0])), Is.EqualTo(Enumerable.Range(1, 112).Select(i => 4 * i)));
        var last = JsonNode.Parse(File.ReadLines(program["whole", "scores.jsonl"]).Last())!;
        Assert.That((int)last["step"]!, Is.EqualTo(450));
        Assert.That((double)last["low"]!, Is.LessThan((double)last["high"]!));
        foreach (string kind in (string[])["real", "fake"])
            Assert.That(last[kind]!.AsArray().Sum(count => (int)count!), Is.EqualTo(32), kind);
    }

    /// <summary>A power cut may leave half a line, which goes as if it weren't there.</summary>
    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void TornLinesDoNotStopARun()
    {
        using var program = new GanProgram();
        program.Done($"train {Run} --steps 200 --output run");
        string[] whole = [File.ReadAllText(program["run", "steps.csv"]), File.ReadAllText(program["run", "scores.jsonl"])];
        File.AppendAllText(program["run", "steps.csv"], "204,0.5");
        File.AppendAllText(program["run", "scores.jsonl"], "{\"epoch\":2,\"st");
        program.Done("resume run --steps 400");
        Assert.That(File.ReadAllText(program["run", "steps.csv"]), Does.StartWith(whole[0]).And.Contain("\n204,"));
        Assert.That(File.ReadAllText(program["run", "scores.jsonl"]), Does.StartWith(whole[1]).And.Contain("\n{\"epoch\":2,\"step\":400"));
    }

    /// <summary>A run of an older program has none of these files, and gets them from where it is resumed.</summary>
    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void RunsWithoutThemGoOn()
    {
        using var program = new GanProgram();
        program.Done($"train {Run} --steps 200 --output run");
        File.Delete(program["run", "steps.csv"]);
        File.Delete(program["run", "scores.jsonl"]);
        program.Done("resume run --steps 400");
        Assert.That(File.ReadLines(program["run", "steps.csv"]).Skip(1).First(), Does.StartWith("204,"));
        Assert.That(File.ReadLines(program["run", "scores.jsonl"]).Count(), Is.EqualTo(1));
    }
}
