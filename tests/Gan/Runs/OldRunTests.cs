using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using GanFromScratch.Autograd;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Training;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>A run that the program made before `settings.json` had a schema (at 165c48f), and what that program made of it later.</summary>
internal static class OldRun
{
    /// <summary>Gets the folder with the run and what resuming it must give.</summary>
    public static string Folder => Path.Combine(SourceProjects.Root, "tests/Gan/Runs/OldRuns/schema-1");

    /// <summary>Gets the run after two epochs.</summary>
    public static string Before => Path.Combine(Folder, "run");

    /// <summary>Copies the run.</summary>
    public static string CopyTo(string folder)
    {
        string to = Path.Combine(folder, "run");
        foreach (string file in Directory.GetFiles(Before, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(to, Path.GetRelativePath(Before, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        return to;
    }

    /// <summary>Runs the program with the run's recipe.</summary>
    public static int Gan(params string[] arguments) =>
        GanFromScratch.Gan.Commands.GanProgram.Run([.. arguments, "--quiet"], new TinyOdog());

    /// <summary>The recipe that the run is of: it must stay as it is.</summary>
    private sealed class TinyOdog : Odog
    {
        private static readonly LeakyRelu Leaky = new(0.2f);

        public TinyOdog() => (Name, NoiseSize, Batch, SampleGrid) = ("tiny-odog", 5, 6, (2, 3));

        public override Sequential Generator(LayerFactory make, PictureShape picture) => new(
            make.Linear(NoiseSize, 11, Leaky), make.BatchNorm(11, 0.8f), make.Linear(11, picture.Length, default(Tanh)));

        public override Sequential Discriminator(LayerFactory make, PictureShape picture) =>
            new(make.Linear(picture.Length, 9, Leaky), make.Linear(9, 1));
    }
}

[TestFixture]
internal sealed class OldRunTests
{
    private TestFolder _folder = null!;
    private string _run = null!;

    private string Settings => Path.Combine(_run, SettingsFile.Name);

    [SetUp]
    public void SetUp()
    {
        _folder = new TestFolder();
        _run = OldRun.CopyTo(_folder.Path);
    }

    [TearDown]
    public void TearDown() => _folder.Dispose();

    /// <summary>
    /// Two more epochs give what the old program's gave: weights, the pixels of grids, and the checkpoint, less the two tensors that are
    /// new. `loss.svg` and `training.gif` have sums of their own: they are drawn otherwise, of the same means and pixels.
    /// </summary>
    [Test]
    public void ItGoesOnInTheOldProgramsBytes()
    {
        Assert.That(OldRun.Gan("resume", _run, "--epochs", "4"), Is.Zero);
        foreach (string line in File.ReadLines(Path.Combine(OldRun.Folder, "resumed.sha256")))
        {
            var (sum, name) = (line[..64], line[66..]);
            string path = Path.Combine(_run, name);
            if (name.StartsWith("checkpoints", StringComparison.Ordinal))
                RemoveWhatIsNew(path);
            byte[] found = Path.GetExtension(name) == ".png" ? Pictures.Read(path).Pixels.ToArray() : File.ReadAllBytes(path);
            Assert.That(Convert.ToHexStringLower(SHA256.HashData(found)), Is.EqualTo(sum), name);
        }
        Assert.That(
            File.ReadLines(Path.Combine(_run, "loss.csv")).Select(line => string.Join(',', line.Split(',')[..6])),
            Is.EqualTo(File.ReadAllLines(Path.Combine(OldRun.Folder, "resumed-loss.csv"))), "the header and columns that it began with");
        var settings = SettingsFile.Read(_run);
        Assert.That(settings.Schema, Is.EqualTo(SettingsFile.Schema), "written anew");
        Assert.That(settings.Request.Epochs, Is.EqualTo(4));
        Assert.That(settings.Request.Optimiser.LearningRate, Is.EqualTo(0.001f));
        Assert.That(settings.Request.Objective.Ema, Is.EqualTo(0.9f));
        Assert.That(settings.Request.Dataset, Is.EqualTo("digits"));
    }

    /// <summary>What the old program didn't keep stays unknown, however often the run is resumed.</summary>
    [Test]
    public void InPartsItGoesOnAsInOne()
    {
        Assert.That(OldRun.Gan("resume", _run, "--epochs", "3"), Is.Zero);
        Assert.That(OldRun.Gan("resume", _run, "--epochs", "4"), Is.Zero);
        using var other = new TestFolder();
        string whole = OldRun.CopyTo(other.Path);
        Assert.That(OldRun.Gan("resume", whole, "--epochs", "4"), Is.Zero);
        foreach (string file in new[] { "loss.svg", "checkpoints/step-00000016.safetensors" })
            Assert.That(File.ReadAllBytes(Path.Combine(_run, file)), Is.EqualTo(File.ReadAllBytes(Path.Combine(whole, file))), file);
        var checkpoint = Checkpoint.Read(Path.Combine(_run, "checkpoints/step-00000016.safetensors"));
        int known = 0;
        foreach (float distance in checkpoint.Values("curves.energy_distance"))
            known += distance < 10 ? 1 : 0;
        Assert.That((known, checkpoint.ShapeOf("curves.energy_distance")[0]), Is.EqualTo((2, 4)));
        Assert.That(checkpoint.ShapeOf("curves.steps"), Is.EqualTo(new[] { 16, 4 }));
    }

    [Test]
    public void WithoutItsCheckpointItBeginsAgain()
    {
        Directory.Delete(Path.Combine(_run, "checkpoints"), recursive: true);
        byte[] generator = File.ReadAllBytes(Path.Combine(_run, "generator.safetensors"));
        Assert.That(OldRun.Gan("resume", _run), Is.Zero);
        Assert.That(File.ReadAllBytes(Path.Combine(_run, "generator.safetensors")), Is.EqualTo(generator));
        Assert.That(File.ReadLines(Path.Combine(_run, "loss.csv")).First(), Does.Contain(",step,d_mean_loss,"), "a new log");
    }

    [Test]
    public void ItsPicturesAndItsDataAreFound()
    {
        Assert.That(OldRun.Gan("sample", _run, "--count", "4", "--output", Path.Combine(_folder.Path, "grid.png")), Is.Zero);
        Assert.That(RunDataset.Of(_run), Is.EqualTo(new RunDataset("digits", null)));
    }

    /// <summary>Its values are all explicit; as a beginning for another recipe only those count that weren't its own recipe's.</summary>
    [Test]
    public void AsABeginningItKeepsWhatWasAskedFor()
    {
        string output = Path.Combine(_folder.Path, "new");
        string[] options = ["--settings", _run, "--recipe", "stable", "--batch", "12", "--steps", "1", "--output", output];
        Assert.That(OldRun.Gan(["train", .. options]), Is.Zero);
        var resolved = SettingsFile.Read(output).Resolved;
        Assert.That(resolved.Objective!["loss"]!.ToString(), Is.EqualTo("relativistic"), "stable's own");
        Assert.That(resolved.Objective!["ema"]!.GetValue<float>(), Is.EqualTo(0.9f), "asked for");
        Assert.That(resolved.GLearningRate, Is.EqualTo(0.001f));
    }

    /// <summary>What an old file lacks has its default: a value that no older program knew is no reason to refuse it.</summary>
    [TestCase("abort_on_collapse")]
    [TestCase("skip_bad_files")]
    [TestCase("keep")]
    [TestCase("checkpoint_every")]
    [TestCase("limit")]
    [TestCase("learning_rate")]
    [TestCase("as_written")]
    [TestCase("sample_every")]
    [TestCase("device")]
    public void WhatItLacksTakesItsDefault(string name)
    {
        Change(json => Assert.That(json.Remove(name), Is.True));
        var (request, fresh) = (SettingsFile.Read(_run).Request, new RunRequest());
        Assert.That((request.AbortOn, request.SkipBadFiles, request.AsWritten), Is.EqualTo((fresh.AbortOn, false, false)));
        Assert.That(request.Keep, Is.EqualTo(name == "keep" ? fresh.Keep : 1));
        Assert.That(request.Limit, Is.EqualTo(name == "limit" ? null : 24));
        Assert.That(request.SampleEvery, Is.EqualTo(name == "sample_every" ? fresh.SampleEvery : 2));
        Assert.That(request.Optimiser.LearningRate, Is.EqualTo(name == "learning_rate" ? null : 0.001f));
        Assert.That(SettingsFile.Read(_run).Device, Is.EqualTo(name == "device" ? "auto" : "cpu"));
    }

    /// <summary>Another loss has values of its own: they weren't asked for either, and what differs from them was.</summary>
    [TestCase("wgan", 5, 0, null, null)]
    [TestCase("wgan", 1, 0, 1, null)]
    [TestCase("wgan-gp", 5, 10, null, null)]
    [TestCase("wgan-gp", 5, 3, null, 3f)]
    public void WhatALossBringsWasNotAskedFor(string loss, int steps, float penalty, int? askedSteps, float? askedPenalty)
    {
        var recipe = RecipeBook.BuiltIn.Find("hsu");
        var objective = new ObjectiveRequest { Loss = loss, DiscriminatorSteps = steps, GradientPenalty = penalty };
        var all = new RunRequest
        {
            Recipe = "hsu",
            Objective = ObjectiveRequest.Of(objective.Over(recipe.Objective)),
            Device = "cuda:0",
        };
        var left = all.Without(recipe, new PictureShape(28, 28, 1));
        var expected = new ObjectiveRequest
        {
            Loss = loss,
            DiscriminatorSteps = askedSteps,
            GradientPenalty = askedPenalty,
        };
        Assert.That(left.Objective, Is.EqualTo(expected));
        Assert.That(left.ObjectiveFor(recipe), Is.EqualTo(all.ObjectiveFor(recipe)));
        Assert.That(left.Device, Is.EqualTo("auto"));
    }

    [Test]
    public void ResumingItKeepsWhatWasAskedFor()
    {
        Resumed();
        var request = SettingsFile.Read(_run).Request;
        Assert.That((request.Objective.Loss, request.Objective.Ema, request.Batch), Is.EqualTo(((string?)null, (float?)0.9f, (int?)null)));
    }

    [TestCase("learning_rate", "\"fast\"", "'learning_rate'")]
    [TestCase("abort_on_collapse", "7", "'abort_on_collapse'")]
    [TestCase("objective", "[]", "'objective'")]
    [TestCase("request", "{}", "'schema' is missing")]
    public void AFaultInItIsNamedAsTheFileHasIt(string name, string value, string says)
    {
        Change(json => json[name] = JsonNode.Parse(value));
        Assert.That(Refusal(), Does.Contain(says));
    }

    [TestCase("flip")]
    [TestCase("optimiser")]
    [TestCase("data_dir")]
    [TestCase("abort_on")]
    [TestCase("objective.momentum", "objective")]
    public void AnUnknownNameInItIsRefused(string name, string? within = null)
    {
        Change(json => (within is null ? json : json[within]!.AsObject())[name.Split('.')[^1]] = 1);
        var fault = Assert.Throws<GanException>(() => SettingsFile.Read(_run))!;
        Assert.That(fault.Code, Is.EqualTo(ExitCode.Data));
        Assert.That(fault.Message, Does.Contain($"'{name}'").And.Contain("newer version"));
    }

    [TestCase("request", "rotate", "'request.rotate'")]
    [TestCase("resolved", "rotation", "'resolved.rotation'")]
    [TestCase("", "who", "'who'")]
    public void WhatANewerProgramAddsIsRefusedByName(string within, string name, string says)
    {
        Resumed();
        Change(json => (within.Length == 0 ? json : json[within]!.AsObject())[name] = true);
        string before = File.ReadAllText(Settings);
        Assert.That(Refusal(), Does.Contain(says).And.Contain("newer version"));
        Assert.That(OldRun.Gan("resume", _run), Is.EqualTo((int)ExitCode.Data));
        Assert.That(File.ReadAllText(Settings), Is.EqualTo(before));
    }

    [Test]
    public void ANewerSchemaIsRefusedWithWhatIsUnknownOfIt()
    {
        Resumed();
        Change(json => json["schema"] = 3);
        Assert.That(Refusal(), Does.Contain("schema 3").And.Contain("newer version"));
        Change(json => json["request"]!["rotate"] = true);
        Assert.That(Refusal(), Does.Contain("'request.rotate'"));
    }

    [TestCase("epochs", "0", "'request.epochs' is 0, which is out of range")]
    [TestCase("epochs", "\"five\"", "'request.epochs'")]
    [TestCase("keep", "null", "'request.keep'")]
    [TestCase("abort_on", "\"boredom\"", "'request.abort_on'")]
    [TestCase("seed", "-1", "'request.seed'")]
    public void AValueThatCannotBeIsNamed(string name, string value, string says)
    {
        Resumed();
        Change(json => json["request"]![name] = JsonNode.Parse(value));
        Assert.That(Refusal(), Does.Contain(says).And.Contain("Put the file back"));
    }

    // writes the checkpoint again without the tensors that were added since
    private static void RemoveWhatIsNew(string path)
    {
        var file = SafetensorsFile.Read(path);
        var snapshot = new Snapshot();
        foreach (var (name, text) in file.Metadata.Where(text => text.Key is not ("checkpoint_version" or "sha256")))
            snapshot.Texts[name] = text;
        foreach (var (name, shape, data) in file.Tensors.Where(tensor => tensor.Name is not ("curves.steps" or "curves.energy_distance")))
            snapshot.Values(name, shape, data.ToArray());
        Checkpoint.Write(path, snapshot);
    }

    private string Refusal() => Assert.Throws<GanException>(() => SettingsFile.Read(_run))!.Message;

    private void Resumed() => Assert.That(OldRun.Gan("resume", _run), Is.Zero);

    private void Change(Action<JsonObject> change)
    {
        var json = JsonNode.Parse(File.ReadAllText(Settings))!.AsObject();
        change(json);
        File.WriteAllText(Settings, json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }
}
