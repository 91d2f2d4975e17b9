using System.Text;
using System.Text.Json;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Serve;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>A run whose logs are damaged, as its page gets it.</summary>
public sealed class RunDataTests
{
    private TestFolder _run = null!;

    [SetUp]
    public void SetUp()
    {
        _run = new TestFolder(inMemory: true);
        Directory.CreateDirectory(RunFolder.CheckpointsOf(_run.Path));
        SettingsFile.Write(_run.Path, new RunSettings());
    }

    [TearDown]
    public void TearDown() => _run.Dispose();

    [TestCase("""{"epoch":1,"epoch":1}""")]
    [TestCase("""{"epoch":1,"troubles":["\ud800"]}""")]
    [TestCase("""{"epoch":1,"of":{"x":1,"x":2}}""")]
    [TestCase("""[1]""")]
    public void ALineThatIsNoObjectIsNamed(string line)
    {
        Put("metrics.jsonl", $"{{\"epoch\":1}}\n{line}\n");
        var fault = Assert.Throws<GanException>(() => new RunData(_run.Path))!;
        Assert.That(fault.Message, Does.Contain("metrics.jsonl").And.Contain("its line 2 is no"));
    }

    [TestCase("""{"epoch":1,"step":4,"seconds":1e999,"energy_distance":-1e999}""")]
    [TestCase("""{"epoch":1,"step":1e300,"troubles":[7,null,{"a":[]},"constant_pictures"]}""")]
    [TestCase("""{"epoch":{},"step":"4","troubles":{}}""")]
    [TestCase("""{}""")]
    public void StrangeNumbersAreNone(string line)
    {
        Put("metrics.jsonl", $"{line}\n");
        Put("evaluation.json", """{"generated":{"classifier_frechet_distance":1e999}}""");
        Put("scores.jsonl", "{\"epoch\":1,\"epoch\":2}\n{\"epoch\":1e999}\n[]\n\n");
        Put("steps.csv", "step,d_loss\n1,2,3,4\nx\n\n2,1e999\n3,0.5\n");
        var page = Page();
        Assert.That(page.GetProperty("seconds").GetDouble(), Is.Zero);
        Assert.That(page.GetProperty("frechet").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(page.GetProperty("steps").GetProperty("d_loss").ToString(), Is.EqualTo("[2,null,null,null,0.5]"));
        Assert.That(page.GetProperty("score_bins").ToString(), Is.EqualTo("""[{"epoch":1e999}]"""));
    }

    /// <summary>As guided fuzzing found it: a row for each line, a number for each name, a hundred times what the file has.</summary>
    [TestCase("steps")]
    [TestCase("epochs")]
    public void ManyNamesAboveShortLinesTakeLittleMemory(string series)
    {
        const int Names = 3000, Lines = 5000;
        var names = Enumerable.Range(0, Names);
        var (file, first, line) = series == "steps"
            ? ("steps.csv", string.Join(',', names), "1\n")
            : ("metrics.jsonl", $"{{{string.Join(',', names.Select(name => $"\"{name}\":1"))}}}", "{}\n");
        Put(file, $"{first}\n{string.Concat(Enumerable.Repeat(line, Lines))}");
        long before = GC.GetAllocatedBytesForCurrentThread();
        var page = Page();
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(64 << 20));
        Assert.That(page.GetProperty(series).EnumerateObject().Count(), Is.EqualTo(256), "as many columns as a page can draw");
        Assert.That(page.GetProperty(series).GetProperty("0")[0].GetDouble(), Is.EqualTo(1));
    }

    private JsonElement Page()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            new RunData(_run.Path).Write(json);
            json.WriteEndObject();
        }
        return JsonDocument.Parse(bytes.ToArray()).RootElement;
    }

    private void Put(string name, string text) => _run.File(name, Encoding.UTF8.GetBytes(text));
}
