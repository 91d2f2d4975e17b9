using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Command lines that share a process do what they do alone.</summary>
internal sealed class WarmProgramTests
{
    [Test]
    public void ItSaysWhatAProcessForEachSays()
    {
        using GanProgram warm = new(), cold = new();
        foreach (string line in new[] { "recipes", "--recipe nothing", "data digits", "sample nowhere", "runs", "version" })
            Assert.That(warm.RunWarm(line.Split(' ')), Is.EqualTo(cold.RunAlone(line.Split(' '))), line);
    }
}
