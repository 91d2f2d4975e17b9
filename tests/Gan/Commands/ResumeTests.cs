using System.Text;
using System.Text.RegularExpressions;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Training;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>`gan resume`: a run that was stopped ends in the same bytes as one that never was, and what can't go on says why.</summary>
public sealed class ResumeTests
{
    // three batches an epoch, the last one short where a recipe takes it
    private const string Small = "--dataset digits --limit 150 --batch 64 --samples 4 -q";

    private GanProgram _gan = null!;

    [SetUp]
    public void SetUp() => _gan = new GanProgram();

    [TearDown]
    public void TearDown() => _gan.Dispose();

    [TestCase("")]
    [ExhaustiveCase("--recipe hsu --epochs 4")]
    [ExhaustiveCase("--recipe fabo --as-written")]
    [ExhaustiveCase("--recipe sdl")]
    [ExhaustiveCase("--recipe lornatang --as-written")]
    [ExhaustiveCase("--loss wgan-gp --d-steps 2 --ema 0.9")]
    [ExhaustiveCase("--loss hinge --spectral-norm --r1 0.1 --pack 2 --grad-clip 1")]
    [ExhaustiveCase("--recipe hsu --sample-every 1 --checkpoint-every 1")]
    [ExhaustiveCase("--label-smoothing 0.1 --flip-labels 0.1 --sample-every 2 --checkpoint-every 2 --keep 1")]
    public void AShorterRunMadeLongerIsTheLongerRun(string options)
    {
        _gan.Done($"{Small} {options} --steps 8 --threads 2 --output whole");
        _gan.Done($"{Small} {options} --steps 1 --threads 1 --output parts");
        foreach (int end in new[] { 2, 3, 5, 5, 8 })
            _gan.Done($"resume parts --steps {end} --threads {1 + (end % 2)} -q");
        SameBytes("whole", "parts");
    }

    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void AWholeRunOfEpochsMadeLongerOnAnotherDevice()
    {
        _gan.Done($"{Small} --recipe sdl --epochs 4 --output whole");
        _gan.Done($"{Small} --recipe sdl --epochs 2 --output parts");
        ToolRequirement.Require(new Tensors.DeviceCatalog().OpenCl.Devices.Count > 0, "an OpenCL device");
        _gan.Done("resume parts --epochs 3 --device opencl -q");
        _gan.Done("resume parts --epochs 4 --device cpu -q");
        SameBytes("whole", "parts");
    }

    /// <summary>Weights, pictures, losses and checkpoints of a run on a device are the processor's.</summary>
    [Sampled(6)]
    public void OnOpenClTheProcessorsBytes([Values("sdl", "hsu", "odog", "fabo", "lornatang", "stable")] string recipe)
    {
        ToolRequirement.Require(new Tensors.DeviceCatalog().OpenCl.Devices.Count > 0, "an OpenCL device");
        _gan.Done($"{Small} --recipe {recipe} --steps 8 --output whole");
        _gan.Done($"{Small} --recipe {recipe} --steps 8 --device opencl --output parts");
        SameBytes("whole", "parts");
    }

    [Test]
    public void ARunWithoutACheckpointBeginsAgain()
    {
        _gan.Done($"{Small} --steps 5 --output whole");
        _gan.Done($"{Small} --steps 5 --output parts");
        Directory.Delete(_gan["parts", "checkpoints"], recursive: true);
        File.Delete(_gan["parts", "generator.safetensors"]);
        File.AppendAllText(_gan["parts", "loss.csv"], "half a li");
        _gan.Put("parts/samples/epoch-0099.png", [1]);
        _gan.Put("parts/.loss.svg.tmp", [1]);
        Assert.That(
            _gan.Done("resume parts").Output, Does.Contain("parts has no checkpoint yet"));
        SameBytes("whole", "parts");
    }

    [Test]
    public void WhatCameAfterTheCheckpointIsRemoved()
    {
        _gan.Done($"{Small} --epochs 3 --output whole");
        _gan.Done($"{Small} --epochs 3 --output parts");
        File.Delete(_gan["parts", "checkpoints", "step-00000009.safetensors"]); // as if it had been killed while writing it
        _gan.Put("parts/checkpoints/.step-00000009.safetensors.tmp", [1, 2, 3]);
        File.AppendAllText(_gan["parts", "metrics.jsonl"], "{\"epoch\": 4");
        _gan.Put("parts/samples/epoch-0004.png", [1]);
        _gan.Done("resume parts -q");
        SameBytes("whole", "parts");
        File.Delete(_gan["parts", "training.gif"]);
        var again = _gan.Done("resume parts");
        Assert.That(again.Output, Does.Contain("Nothing is left to train"));
        Assert.That(again.Error, Is.Empty);
        SameBytes("whole", "parts");
    }

    [Test]
    public void AFinishedRunStaysAsItWas()
    {
        _gan.Done($"{Small} --epochs 3 --sample-every 2 --checkpoint-every 2 --keep 1 --output whole");
        _gan.Done($"{Small} --epochs 3 --sample-every 2 --checkpoint-every 2 --keep 1 --output parts");
        Assert.That(_gan.Done("resume parts").Error, Is.Empty);
        SameBytes("whole", "parts");
    }

    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void ADeviceThatIsGoneDoesNotMatterWhenAnotherIsNamed()
    {
        _gan.Done($"{Small} --epochs 1 --output run");
        string settings = File.ReadAllText(_gan["run", "settings.json"]);
        File.WriteAllText(
            _gan["run", "settings.json"],
            settings.Replace("\"device\": \"cpu\"", "\"device\": \"opencl:77\"").Replace("\"threads\": 2", "\"threads\": null"));
        _gan.Refused(ExitCode.Device, "resume run --epochs 2", "--device opencl:77");
        _gan.Refused(ExitCode.Usage, "resume run --epochs 2 --threads 2", "--threads counts threads of the cpu, and --device is opencl:77");
        _gan.Done("resume run --epochs 2 --device cpu -q");
    }

    [Test]
    public void AnOlderCheckpointThatIsGoneOnFromStaysTheNewest()
    {
        _gan.Done($"{Small} --checkpoint-every 1 --epochs 3 --keep 3 --output run");
        using (var later = File.Create(_gan["run", "metrics.jsonl"]))
        {
            // a log without its lines: nothing else may be changed
        }
        _gan.Refused(
            ExitCode.Data, "resume run --from run/checkpoints/step-00000006.safetensors",
            "metrics.jsonl, the run's log, has 0 lines of the 2 that were written before the checkpoint");
        Assert.That(Rows("run"), Has.Length.EqualTo(4));
        Assert.That(File.Exists(_gan["run", "checkpoints", "step-00000009.safetensors"]), Is.True);
        File.Delete(_gan["run", "metrics.jsonl"]);
        _gan.Refused(ExitCode.Data, "resume run", "metrics.jsonl, the run's log, isn't there");
        Assert.That(File.Exists(_gan["run", "metrics.jsonl"]), Is.False);
    }

    [Test]
    public void AStaleGeneratorIsNotDrawnWith()
    {
        _gan.Done($"{Small} --epochs 1 --output run");
        File.Copy(_gan["run", "generator.safetensors"], _gan["old.safetensors"]);
        _gan.Done("resume run --epochs 2 -q");
        // as if it had been killed before it wrote the new one
        File.Copy(_gan["old.safetensors"], _gan["run", "generator.safetensors"], overwrite: true);
        Assert.That(
            _gan.Done("sample run --output a.png").Output,
            Does.Contain("its newest generator is that of run/checkpoints/step-00000006.safetensors"));
        _gan.Done("resume run -q");
        _gan.Done("sample run --output b.png -q");
        Assert.That(File.ReadAllBytes(_gan["b.png"]), Is.EqualTo(File.ReadAllBytes(_gan["a.png"])));
    }

    [Test]
    public void DamagedCheckpointsAreNamedAndTheOneBeforeIsOffered()
    {
        _gan.Done($"{Small} --recipe sdl --checkpoint-every 1 --epochs 3 --keep 3 --output run");
        string newest = _gan["run", "checkpoints", "step-00000006.safetensors"];
        byte[] good = File.ReadAllBytes(newest);
        int header = 8 + BitConverter.ToInt32(good);
        const string Offer = "`gan resume run --from run/checkpoints/step-00000004.safetensors` resumes from the one before it.";
        Damaged(bytes => bytes[..^5], "bytes");
        Damaged(bytes => bytes[..3], "cut short");
        Damaged(bytes => Changed(bytes, header + 1000, b => (byte)(b ^ 4)), "its content doesn't go with its digest");
        Damaged(bytes => Changed(bytes, 4, _ => 0x7f), "its header claims");
        Damaged(bytes => Encoding.ASCII.GetBytes("PK not a safetensors file at all, but long enough"), "its header claims");
        Damaged(bytes => File.ReadAllBytes(_gan["run", "generator.safetensors"]), "it is no checkpoint");
        string text = Encoding.Latin1.GetString(good[8..header]);
        string step = "\"step\":\"6\"";
        Damaged(bytes => Changed(bytes, 8 + text.IndexOf(step, StringComparison.Ordinal) + step.Length - 2, _ => (byte)'7'), "digest");

        var mistyped = _gan.Refused(
            ExitCode.Data, "resume run --from nowhere.safetensors", "nowhere.safetensors can't be read: there is no such file");
        Assert.That(mistyped.Error, Does.Not.Contain("train again"));
        File.WriteAllBytes(newest, good[..^5]);
        _gan.Done("resume run --from run/checkpoints/step-00000004.safetensors -q");
        Assert.That(File.ReadAllBytes(newest), Is.EqualTo(good));

        foreach (int older in new[] { 2, 4 })
            File.Delete(_gan["run", "checkpoints", $"step-0000000{older}.safetensors"]);
        File.WriteAllBytes(newest, good[..^5]);
        _gan.Refused(ExitCode.Data, "resume run", "step-00000006", "There is no older one", "train again");

        void Damaged(Func<byte[], byte[]> damage, string says)
        {
            File.WriteAllBytes(newest, damage([.. good]));
            _gan.Refused(ExitCode.Data, "resume run", "step-00000006.safetensors", says, Offer);
        }
    }

    [Test]
    public void NotANumberInACheckpointIsFound()
    {
        var snapshot = new Snapshot();
        using var device = new Tensors.CpuDevice(1);
        using var tensor = Tensors.Tensor.From(device, new Tensors.Shape(3), [1, float.NaN, 2]);
        snapshot.VisitTensor("generator.fc1.weight", tensor);
        string path = _gan["a.safetensors"];
        Checkpoint.Write(path, snapshot);
        Assert.That(() => Checkpoint.Read(path), Throws.TypeOf<GanException>().With.Message.Contains("'generator.fc1.weight' holds NaN"));
    }

    [Test]
    public void OtherSettingsAreRefusedWithTheList()
    {
        _gan.Done($"{Small} --epochs 1 --output run");
        string settings = File.ReadAllText(_gan["run", "settings.json"]);
        File.WriteAllText(
            _gan["run", "settings.json"], settings.Replace("\"batch\": 64", "\"batch\": 32").Replace("\"r1\": null,", "\"r1\": 0.5,"));
        _gan.Refused(
            ExitCode.Usage, "resume run --epochs 2",
            "run can't go on as the same run", "batch was 64 and would be 32", "steps_per_epoch was 3 and would be 5",
            "objective.r1 was 0 and would be 0.5", "Train a new run");
        File.WriteAllText(_gan["run", "settings.json"], settings);
        _gan.Refused(ExitCode.Usage, "resume run --batch 32", "--batch is no option of `gan resume`");
        _gan.Refused(ExitCode.Usage, "resume run --steps 2", "has 3 steps behind it, and the run would end after 2");
        _gan.Refused(ExitCode.Usage, "resume", "needs a run");
        _gan.Refused(ExitCode.Data, "resume nowhere", "There is no run 'nowhere'");
        _gan.Refused(ExitCode.Usage, "resume run/loss.csv", "is a file");
        Assert.That(Rows("run"), Has.Length.EqualTo(2));
    }

    [Test]
    public void OtherPicturesAreRefused()
    {
        _gan.Put("own/train-images-idx3-ubyte", FakeMnist.Images);
        _gan.Put("own/train-labels-idx1-ubyte", FakeMnist.Labels);
        _gan.Done("--data-dir own --batch 4 --epochs 1 --output run -q");
        Directory.Move(_gan["own"], _gan["moved"]);
        _gan.Refused(ExitCode.Data, "resume run --epochs 2 -q", "--data-dir", "doesn't exist");
        _gan.Done("resume run --epochs 2 --data-dir moved -q");
        byte[] other = [.. FakeMnist.Images];
        other[^1] ^= 1;
        _gan.Put("moved/train-images-idx3-ubyte", other);
        _gan.Refused(ExitCode.Usage, "resume run --epochs 3 -q", "dataset.sha256 was ");
    }

    [Test]
    public void WhereRatesFallTheEndCannotMove()
    {
        _gan.Done($"{Small} --lr-decay cosine --steps 4 --output run");
        _gan.Refused(ExitCode.Usage, "resume run --steps 8", "schedule_steps was 4 and would be 8", "fall until its end");
        _gan.Done("resume run -q");
    }

    [Test]
    public void TwoAtATimeAreRefused()
    {
        _gan.Done($"{Small} --epochs 1 --output run");
        using (DirectoryLock.Lock(_gan["run"]))
            _gan.Refused(ExitCode.Usage, "resume run", "run is in use");
        _gan.Done("resume run -q");
    }

    // whoever comes second finds the lock, or a folder that isn't empty any more
    [TestCase("--steps 40")]
    [ExhaustiveCase("modes --set ring --steps 20 --seeds 0")]
    public void OneFolderHasOneRun(string command)
    {
        string arguments = command.StartsWith("modes", StringComparison.Ordinal) ? command : $"{Small} {command}";
        string[] words = [.. arguments.Split(' '), "--output", "same"];
        var both = Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => _gan.RunAlone(words)))).Result;
        Assert.That(both.Select(result => result.ExitCode).Order(), Is.EqualTo(new[] { 0, 2, 2 }));
        foreach (var refused in both.Where(result => result.ExitCode != 0))
            Assert.That(refused.Error, Does.Contain("same is in use by another gan").Or.Contain("'same' isn't empty"));
        if (arguments == command)
            return;
        _gan.Done($"{arguments} --output alone");
        RunFiles.Same(_gan["alone"], _gan["same"]);
    }

    // as on Windows, where folders can't be locked
    [Test]
    public void AFileLocksAFolder()
    {
        Directory.CreateDirectory(_gan["run"]);
        string file = _gan["run", DirectoryLock.FileName];
        using (var own = DirectoryLock.LockByFile(_gan["run"]))
        {
            Assert.That(own, Is.Not.Null);
            Assert.That(DirectoryLock.LockByFile(_gan["run"]), Is.Null);
            Assert.That(File.Exists(file), Is.True);
        }
        Assert.That(File.Exists(file), Is.False);
        using var again = DirectoryLock.LockByFile(_gan["run"]);
        Assert.That(again, Is.Not.Null);
        using var nowhere = DirectoryLock.LockByFile(_gan["nowhere"]);
        Assert.That(nowhere, Is.Not.Null, "what can't be locked is no reason to stop");
    }

    [Test]
    public void ALostLineIsMissed()
    {
        _gan.Done($"{Small} --epochs 2 --output run");
        string[] rows = File.ReadAllLines(_gan["run", "loss.csv"]);
        File.WriteAllLines(_gan["run", "loss.csv"], rows[..^1]);
        var refused = _gan.Refused(
            ExitCode.Data, "resume run --epochs 3", "loss.csv", "has 2 lines of the 3 that were written before the checkpoint");
        RunsItsAdvice(refused, "--steps 1 --output advised");
    }

    [TestCase("loss.csv")]
    [ExhaustiveCase("metrics.jsonl")]
    public void AMissingLogIsCalledMissing(string name)
    {
        _gan.Done($"{Small} --epochs 2 --output run");
        File.Move(_gan["run", name], _gan["moved"]);
        var refused = _gan.Refused(ExitCode.Data, "resume run --epochs 3", $"{name}, the run's log, isn't there. The checkpoint is whole");
        RunsItsAdvice(refused, "--steps 1 --output advised");
        File.Move(_gan["moved"], _gan["run", name]);
        _gan.Done("resume run --epochs 3 -q");
    }

    [Test]
    public void ARunOnAReadOnlyFileSystemIsSaid()
    {
        ToolRequirement.Require(File.Exists("/usr/bin/unshare") && File.Exists("/bin/bash"), "/usr/bin/unshare and /bin/bash");
        _gan.Done($"{Small} --epochs 2 --output run");
        string[] InReadOnly(string command) =>
        [
            "unshare", "--mount", "--map-root-user", "/bin/bash", "-c",
            $"mount --bind run run && mount -o remount,bind,ro run && exec dotnet '{GanProgram.Dll}' {command}",
        ];
        ToolRequirement.Require(_gan.RunOf(InReadOnly("version")).ExitCode == 0, "the permission to mount");
        foreach (string more in new[] { "", " --epochs 3" })
        {
            var result = _gan.RunOf(InReadOnly($"resume run{more}"));
            Assert.That(result.ExitCode, Is.EqualTo((int)ExitCode.Writing), result.Error);
            GanProgram.Says(result, "run can't be written to: the file system is read-only. Copy the folder");
        }
        Assert.That(_gan.RunOf(InReadOnly("evaluate run --count 300")).Error, Does.Contain("read-only"));
        _gan.Done("resume run --epochs 3 -q");
    }

    // the command that a message quotes, as it was typed, with a little more
    private void RunsItsAdvice(ProcessResult refused, string more)
    {
        string quoted = Regex.Match(refused.Error, "`gan ([^`]*)`").Groups[1].Value;
        Assert.That(quoted, Is.Not.Empty, refused.Error);
        _gan.Done($"{quoted} {more} -q");
    }

    [Test]
    public void ACheckpointMakesPictures()
    {
        _gan.Done($"{Small} --ema 0.9 --epochs 1 --output run");
        _gan.Done("sample run --output a.png -q");
        _gan.Done("sample run/checkpoints/step-00000003.safetensors --output b.png -q");
        Assert.That(File.ReadAllBytes(_gan["b.png"]), Is.EqualTo(File.ReadAllBytes(_gan["a.png"])));
    }

    private static byte[] Changed(byte[] bytes, int at, Func<byte, byte> change)
    {
        bytes[at] = change(bytes[at]);
        return bytes;
    }

    private string[] Rows(string run) => File.ReadAllLines(_gan[run, "loss.csv"]);

    private void SameBytes(string expected, string actual) => RunFiles.Same(_gan[expected], _gan[actual]);
}
