using System.Diagnostics;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Gan.Training;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>`gan train` that can't begin or doesn't come to its end.</summary>
public sealed class TrainFaultsTests
{
    private const string Digits = "--dataset digits --limit 256 --batch 32 --sample-every 1 --checkpoint-every 1";

    // .NET maps its code through a file of its own, unless told not to; Linux ends a program at the limit, unless the signal is ignored
    private const string SmallFiles = "export DOTNET_EnableWriteXorExecute=0; trap '' XFSZ;";

    private GanProgram _gan = null!;

    [SetUp]
    public void SetUp() => _gan = new GanProgram();

    [TearDown]
    public void TearDown() => _gan.Dispose();

    [Test]
    public void OutputsThatCannotBe()
    {
        _gan.Put("full/settings.json", [1]);
        _gan.Put("file", [1]);
        Directory.CreateDirectory(_gan["empty"]);
        _gan.Refused(ExitCode.Usage, $"{Digits} --steps 1 --output full", "--output 'full' isn't empty, and no run is overwritten");
        _gan.Refused(ExitCode.Usage, $"{Digits} --steps 1 --output file", "--output 'file' is a file");
        var below = _gan.Refused(
            ExitCode.Usage,
            $"{Digits} --steps 1 --output file/below/more",
            $"The run's folder file/below/more can't be written to: {_gan["file"]} is a file, no folder. Choose another place with "
                + "--output.");
        Assert.That(below.Output, Is.Empty, "it is refused before data are opened");
        _gan.Refused(ExitCode.Usage, $"{Digits} --steps 1 --output full --dry-run", "isn't empty");
        _gan.Refused(ExitCode.Usage, "--output=", "--output needs a value");
        Assert.That(File.ReadAllBytes(_gan["full", "settings.json"]), Is.EqualTo(new byte[] { 1 }));
        _gan.Done($"{Digits} --steps 1 --output empty");
    }

    [Test]
    public void OutputsWithoutPermission()
    {
        ToolRequirement.Require(Directory.Exists("/proc/self"), "/proc");
        foreach (string more in new[] { "", " --dry-run" })
        {
            var refused = _gan.Refused(
                ExitCode.Writing,
                $"{Digits} --steps 1 --output /proc/gan/run{more}",
                "/proc/gan/run can't be written to: no folder can be made in /proc (the system makes none there)",
                "Choose another place with --output.");
            Assert.That(refused.Output, Is.Empty, "it is refused before data are opened");
            Assert.That(refused.Error, Does.Not.Contain("/.gan-"), "the attempt's own name is nobody's business");
        }
        var result = _gan.RunOf(["bash", "-c", $"cd /proc && exec dotnet '{GanProgram.Dll}' {Digits} --steps 1"]);
        Assert.That(result.ExitCode, Is.EqualTo((int)ExitCode.Writing), result.Error);
        GanProgram.Says(result, "runs can't be written to", "--output");
        Assert.That(result.Output, Is.Empty);
        _gan.Put("runs", [1]);
        _gan.Refused(ExitCode.Usage, $"{Digits} --steps 1", "runs can't be written to");
    }

    [Test]
    public void DataThatAreMissingOrDamaged()
    {
        const string Images = "own/train-images-idx3-ubyte", Labels = "own/train-labels-idx1-ubyte";
        _gan.Refused(ExitCode.Data, "--data-dir nowhere", "--data-dir 'nowhere' doesn't exist");
        _gan.Put(Labels, FakeMnist.Labels);
        _gan.Refused(ExitCode.Data, "--data-dir own", "lacks train-images-idx3-ubyte of MNIST");
        _gan.Refused(ExitCode.Data, "--data-dir own/train-labels-idx1-ubyte", "is a file");
        _gan.Put(Images, FakeMnist.Images[..^5]);
        _gan.Refused(ExitCode.Data, "--data-dir own --batch 4", "train-images-idx3-ubyte: it is cut short");
        _gan.Put(Images, FakeMnist.Labels);
        _gan.Refused(ExitCode.Data, "--data-dir own --batch 4", "it holds IDX labels");
        _gan.Put(Images, FakeMnist.Idx(2051, [8, 28, 28], new byte[8 * 784]));
        _gan.Refused(ExitCode.Data, "--data-dir own --batch 4", "holds 7 labels");
        File.Delete(_gan[Images]);
        _gan.Put(Images + ".gz", FakeMnist.Images);
        _gan.Refused(ExitCode.Data, "--data-dir own --batch 4", "it doesn't hold gzip");
        _gan.Refused(ExitCode.Data, "--dataset mnist", "MNIST is not in", "can't be downloaded", "Get train-images-idx3-ubyte.gz");
        Assert.That(Directory.Exists(_gan["runs"]), Is.False);
    }

    [Test]
    public void DivergingLeavesPicturesAndCurvesButNoGenerator()
    {
        var result = _gan.Refused(
            ExitCode.Diverged, $"{Digits} --steps 9 --learning-rate 1e30 --output a", "Training diverged", "at step 1", "--learning-rate");
        Assert.That(result.Output, Does.Contain("output  a"));
        Assert.That(
            Directory.EnumerateFiles(_gan["a"]).Select(Path.GetFileName).Order(StringComparer.Ordinal),
            Is.EqualTo(new[] { "loss.csv", "loss.svg", "metrics.jsonl", "scores.jsonl", "settings.json", "steps.csv", "training.gif" }));
        Assert.That(Pictures.ReadGif(_gan["a", "training.gif"]).Frames, Has.Count.EqualTo(1));
    }

    [Test]
    public void AFullDiskLeavesWhatWasWrittenWhole()
    {
        ToolRequirement.Require(File.Exists("/bin/bash"), "/bin/bash");
        // 64 blocks of 1024 bytes are enough for every file but the checkpoints and the generator
        var result = _gan.RunOf(
            ["/bin/bash", "-c", $"{SmallFiles} ulimit -f 64; exec dotnet '{GanProgram.Dll}' {Digits} --steps 16 --output a"]);
        Assert.That(result.ExitCode, Is.EqualTo((int)ExitCode.Writing), result.Error);
        GanProgram.Says(result, "Writing", "step-00000008.safetensors failed");
        Assert.That(File.ReadAllLines(_gan["a", "loss.csv"]), Has.Length.EqualTo(3));
        Assert.That(Pictures.Read(_gan["a", "samples", "epoch-0002.png"]).Width, Is.EqualTo(292));
        Assert.That(Directory.EnumerateFiles(_gan["a"], "*.tmp", SearchOption.AllDirectories), Is.Empty);
        _gan.Done("resume a -q");
        Assert.That(File.ReadAllLines(_gan["a", "loss.csv"]), Has.Length.EqualTo(3));
    }

    [Test]
    public void ALineThatDoesNotFitIsTakenBack()
    {
        ToolRequirement.Require(File.Exists("/bin/bash"), "/bin/bash");
        // The longer log reaches 3 KiB long before 60 epochs; the few pictures are smaller.
        const string Run =
            "--dataset digits --limit 8 --batch 8 --epochs 60 --samples 1 --sample-every 100 --checkpoint-every 100 --output a";
        var result = _gan.RunOf(["/bin/bash", "-c", $"{SmallFiles} ulimit -f 3; exec dotnet '{GanProgram.Dll}' {Run}"]);
        Assert.That(result.ExitCode, Is.EqualTo((int)ExitCode.Writing), result.Error);
        GanProgram.Says(result, "Writing", "metrics.jsonl failed");
        foreach (string file in new[] { "loss.csv", "metrics.jsonl" })
            Assert.That(File.ReadAllText(_gan["a", file]), Does.EndWith("\n"));
        Assert.That(new FileInfo(_gan["a", "metrics.jsonl"]).Length, Is.LessThanOrEqualTo(3 * 1024).And.GreaterThan(2 * 1024));
    }

    [Test]
    public void AFolderThatIsRemovedMeanwhile()
    {
        using var process = _gan.Start($"{Digits} --output a");
        WaitForEpoch(process);
        Directory.Move(_gan["a"], _gan["elsewhere"]);
        var result = End(process);
        Assert.That(result.ExitCode, Is.EqualTo((int)ExitCode.Writing), result.Error);
        GanProgram.Says(result, "Writing a/", "isn't there");
        Assert.That(Directory.Exists(_gan["a"]), Is.False);
    }

    [TestCase(new[] { 2 }, 4, "training.gif lacks 1 of 5 grids, the first that of epoch 2. ")]
    [TestCase(new[] { 3, 0, 1 }, 2, "training.gif lacks 3 of 5 grids, the first that of epoch 0. ")]
    [TestCase(new[] { 4, 3, 2, 1, 0 }, 0, "training.gif isn't made: it would lack 5 of 5 grids, the first that of epoch 0. ")]
    public void GridsThatAreRemovedOrSpoiltMeanwhile(int[] epochs, int frames, string warning)
    {
        string folder = _gan["a"];
        var screen = new MeddlingScreen(() => Spoil(folder, epochs));
        var code = RunOn(screen).Train(folder);
        Assert.That(code, Is.EqualTo(ExitCode.Done));
        Assert.That(screen.Warnings.Single(), Does.Contain(warning).And.EndWith("."));
        Assert.That(
            screen.Lines, Does.Contain("  loss.svg                               the curves of losses, accuracy and energy distance"));
        Assert.That(screen.Lines.Any(line => line.StartsWith("  training.gif", StringComparison.Ordinal)), Is.EqualTo(frames > 0));
        Assert.That(File.Exists(Path.Combine(folder, "training.gif")), Is.EqualTo(frames > 0));
        if (frames > 0)
            Assert.That(Pictures.ReadGif(Path.Combine(folder, "training.gif")).Frames, Has.Count.EqualTo(frames));
    }

    [Test]
    public void ADeviceThatFailsLeavesWhatWasWritten()
    {
        string folder = _gan["a"];
        var screen = new MeddlingScreen(() => throw new DeviceException("The device failed."));
        Assert.That(
            () => RunOn(screen).Train(folder),
            Throws.TypeOf<DeviceException>().With.Message.EqualTo("The device failed."));
        Assert.That(File.ReadAllLines(Path.Combine(folder, "loss.csv")), Has.Length.EqualTo(5));
        Assert.That(File.ReadAllText(Path.Combine(folder, "loss.svg")), Does.Contain("</svg>"));
        Assert.That(Pictures.ReadGif(Path.Combine(folder, "training.gif")).Frames, Has.Count.EqualTo(5));
        Assert.That(File.Exists(Path.Combine(folder, "generator.safetensors")), Is.True, "that of the last epoch");
    }

    [TestCase("INT")]
    [TestCase("TERM")]
    public void ASignalEndsTheRunTidily(string signal)
    {
        using var process = _gan.Start($"{Digits} --output a");
        WaitForEpoch(process);
        Kill(process, signal);
        var result = End(process);
        Assert.That(result.ExitCode, Is.EqualTo((int)ExitCode.Interrupted), result.Error);
        GanProgram.Says(result, "Interrupted after step ", " of 30,000", "`gan resume a` resumes it there.");
        Assert.That(result.Output, Does.Match(@"(^|\n)a holds\r?\n  samples/epoch-\d+\.png +the latest pictures"));
        string[] rows = File.ReadAllLines(_gan["a", "loss.csv"]);
        int epochs = rows.Length - 1;
        Assert.That(rows[^1], Does.StartWith($"{epochs},"));
        Assert.That(Pictures.ReadGif(_gan["a", "training.gif"]).Frames, Has.Count.EqualTo(Math.Min(epochs + 1, 300)));
        Assert.That(File.Exists(_gan["a", "loss.svg"]) && File.Exists(_gan["a", "generator.safetensors"]), Is.True);
        Assert.That(File.Exists(_gan["a", "samples", $"epoch-{epochs:0000}.png"]), Is.True);
    }

    [Test]
    public void ASignalBeforeTrainingLeavesNoRun([Values("INT", "TERM", "HUP")] string signal)
    {
        // A proxy that is asked and never answers holds the program where it opens its data.
        using var asked = new ManualResetEventSlim();
        using var proxy = new LoopbackServer((_, _, end) =>
        {
            asked.Set();
            return Task.Delay(Timeout.Infinite, end);
        });
        using var process = _gan.Start("--dataset mnist --output a", proxy.Address);
        Assert.That(asked.Wait(TimeSpan.FromMinutes(1)), Is.True, "the program asked for no download");
        Kill(process, signal);
        var result = End(process);
        Assert.That(result.ExitCode, Is.EqualTo((int)ExitCode.Interrupted), result.Error);
        string name = signal == "INT" ? "Ctrl-C" : $"SIG{signal}";
        Assert.That(
            result.Error.ReplaceLineEndings("\n").TrimEnd(),
            Is.EqualTo($"{name}: stopping; again to stop at once.\nInterrupted before the start; nothing was written."));
        Assert.That(result.Output, Is.Empty);
        Assert.That(Path.Exists(_gan["a"]) || Path.Exists(_gan["runs"]), Is.False);
    }

    // removed, cut short, another picture
    private static void Spoil(string folder, int[] epochs)
    {
        for (int i = 0; i < epochs.Length; i++)
        {
            string path = Path.Combine(folder, RunFolder.Sample(epochs[i]));
            if (i % 3 == 0)
                File.Delete(path);
            else if (i % 3 == 1)
                File.WriteAllBytes(path, File.ReadAllBytes(path)[..^40]);
            else
                File.WriteAllBytes(path, Pictures.Png(Pictures.Noise(3, 3, 1, 1)));
        }
    }

    private static void WaitForEpoch(Process process)
    {
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith("epoch 2/", StringComparison.Ordinal))
                return;
        }
        Assert.Fail($"the program ended too early: {process.StandardError.ReadToEnd()}");
    }

    private static void Kill(Process process, string signal)
    {
        ToolRequirement.Require(File.Exists("/bin/bash"), "/bin/bash");
        Processes.Run("/bin/bash", "-c", $"kill -{signal} {process.Id}");
    }

    private static ProcessResult End(Process process)
    {
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(1)))
        {
            process.Kill();
            Assert.Fail("the program did not end within a minute");
        }
        return GanProgram.AsInstalled(new ProcessResult(process.ExitCode, output.Result, error.Result));
    }

    private static TrainingRun RunOn(Screen screen) => new()
    {
        Recipe = RecipeBook.BuiltIn.Find("sdl"),
        Request = new RunRequest { Epochs = 4, Batch = 8, Samples = 4, SampleEvery = 1, CheckpointEvery = 1 },
        Asked = new RunRequest(),
        Device = DeviceChoice.Of("cpu", 1),
        Images = GanFromScratch.Gan.Data.Digits.Draw(16),
        Screen = screen,
        Stop = CancellationToken.None,
    };

    /// <summary>Keeps what is said, and does something when training is over.</summary>
    private sealed class MeddlingScreen(Action meddle) : Screen
    {
        public List<string> Lines { get; } = [];

        public List<string> Warnings { get; } = [];

        public override void Print(string line) => Lines.Add(line);

        public override void Notice(string line) => Warnings.Add(line);

        public override T During<T>(Func<T> work)
        {
            var result = work();
            meddle();
            return result;
        }
    }
}
