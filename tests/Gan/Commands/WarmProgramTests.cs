using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Command lines that share a process do what they do alone.</summary>
internal sealed class WarmProgramTests
{
    [Test]
    public void ItSaysWhatAProcessForEachSays()
    {
        using GanProgram warm = new(), cold = new();
        const string Training = "--dataset digits --limit 16 --batch 8 --steps 1 -q --device";
        string[] lines =
        [
            "recipes", "--recipe nothing", "devices", "data digits", "sample nowhere", "runs", "version", "devices",
            $"{Training} cpu --output a", $"{Training} emulated --output b", "resume a --steps 2 -q", $"{Training} cpu --output a",
        ];
        foreach (string line in lines)
            Assert.That(warm.RunWarm(line.Split(' ')), Is.EqualTo(cold.RunAlone(line.Split(' '))), line);
    }
}
