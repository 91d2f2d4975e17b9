using System.IO.Compression;
using System.Text.Json;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Images;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>One's own pictures, from looking through them to a resumed run.</summary>
public sealed class OwnPicturesTests
{
    private GanProgram _gan = null!;

    [SetUp]
    public void SetUp() => _gan = new GanProgram();

    [TearDown]
    public void TearDown() => _gan.Dispose();

    [Test]
    public void DataShowsWhatIsThere()
    {
        PutClasses();
        _gan.Put("own/cats/.DS_Store", [1]);
        _gan.Put("own/list.txt", [1]);
        string text = _gan.Done("data own --resolution 48 --preview seen.png").Output;
        Assert.That(text, Does.StartWith("own: 8 usable pictures, to be 48x48 colour\n"));
        foreach (string line in new[]
        {
            "  state       Complete: it can be trained on, with --batch 8 or less.", $"  where       {_gan["own"]}", "  kinds       PNG 8",
            "  sizes       from 20x30 to 40x30; 40x30 5, 20x30 3", "  colour      8 in colour, 0 in grey", "  classes     cats 5, dogs 3",
            "  passed over list.txt, cats/.DS_Store",
        })
        {
            Assert.That(text, Does.Contain(line + "\n"));
        }
        Assert.That(text, Does.Contain("seen.png shows 8 pictures as they are trained on."));
        var seen = ImageFiles.Read(_gan["seen.png"]).Image;
        Assert.That((seen.Width, seen.Height, seen.Channels), Is.EqualTo((786, 786, 3))); // eight of 96, nine gaps of 2
        Assert.That(seen.Row(50)[150], Is.EqualTo(10), "the first picture");
        _gan.Refused(ExitCode.Usage, "data own --preview seen.png", "seen.png exists, and nothing is overwritten");
        _gan.Refused(ExitCode.Usage, "data own --pack no/where.npz", "no/where.npz can't be written: there is no folder");
        _gan.Refused(ExitCode.Usage, "data --preview other.png", "need a data set");
        _gan.Refused(ExitCode.Usage, "data own --resolution 50", "--resolution: '50' is none of them. Give one of 28, 32, 48, 64, 96");
        _gan.Refused(ExitCode.Usage, "data own --resolution big", "--resolution: 'big' is not a whole number. Give one of 28");
        _gan.Refused(ExitCode.Usage, "data own --channels 2", "--channels: '2' is unknown.", "Give one of auto, 1, 3.");

        for (int i = 0; i < 12; i++)
            _gan.Put($"own/dogs/bad{i:00}.heic", [0, 0, 0, 24, .. "ftypheic"u8, 0, 0, 0, 0]);
        var bad = _gan.Run("data own");
        Assert.That(bad.ExitCode, Is.EqualTo((int)ExitCode.Data));
        Assert.That(bad.Output, Does.Contain("  state       Not usable: 12 of 20 pictures can't be read; ").And.Contain("--skip-bad-files.")
            .And.Contain("  left out    12 that can't be used:\n              dogs/bad00.heic is a HEIC picture, as phones take them")
            .And.Contain("and 2 more; -v lists them all.").And.Not.Contain("bad11"));
        Assert.That(_gan.Run("data own -v").Output, Does.Contain("dogs/bad11.heic"));
        Assert.That(_gan.Done("data own --skip-bad-files").Output, Does.Contain("Complete: ").And.Contain("classes     cats 5, dogs 3"));
        _gan.Put("outer/inner/1.png", PictureFolderTests.Flat(8, 8, 1, 10));
        Assert.That(_gan.Done("data outer/").Output, Does.StartWith("outer/: 1 usable picture, "), "the one folder in it stands for it");
        Directory.CreateDirectory(_gan["empty"]);
        Assert.That(_gan.Run("data empty").Output, Does.Contain("Not usable: ").And.Contain("holds no pictures"));
        Assert.That(_gan.Run("data empty").ExitCode, Is.EqualTo((int)ExitCode.Data));
    }

    /// <summary>Every unusable picture is named where that is asked for, however many there are.</summary>
    [Test]
    public void VerboseListsAllFaults()
    {
        for (int i = 0; i < 200; i++)
            _gan.Put($"own/bad{i:000}.png", [1, 2, 3]);
        string all = _gan.Run("--dataset own -v").Error;
        for (int i = 0; i < 200; i++)
            Assert.That(all, Does.Contain($"\n  bad{i:000}.png is no picture"));
        _gan.Refused(ExitCode.Data, "--dataset own", "200 of the 200 pictures in", "and 190 more; -v lists them all.");
    }

    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void ARunKeepsItsClassesAndIsResumedFromAPack()
    {
        PutClasses();
        const string Options = "--dataset own --resolution 32 --channels 1 --flip --background white --batch 4 --seed 3 -q --samples 4";
        _gan.Done($"{Options} --steps 5 --output whole");
        _gan.Done($"{Options} --steps 2 --output parts");
        var settings = JsonDocument.Parse(File.ReadAllBytes(_gan["parts", "settings.json"])).RootElement;
        var asked = settings.GetProperty("request").GetProperty("pictures");
        Assert.That(
            asked.EnumerateObject().Select(option => $"{option.Name} {option.Value}"),
            Is.EqualTo(new[] { "resolution 32", "channels 1", "background white" }));
        var data = settings.GetProperty("resolved").GetProperty("dataset");
        Assert.That(data.GetProperty("classes").EnumerateArray().Select(name => name.GetString()), Is.EqualTo(new[] { "cats", "dogs" }));
        Assert.That(
            SafetensorsFile.Read(_gan["parts", "generator.safetensors"]).Text("classes"), Is.EqualTo("[\"cats\",\"dogs\"]"));

        // the decoded pictures are taken along
        _gan.Done("data own --resolution 32 --channels 1 --background white --pack pack.npz -q");
        Directory.Move(_gan["own"], _gan["gone"]);
        _gan.Refused(ExitCode.Data, "resume parts --steps 5", "the pictures of parts are not there", "--data-dir");
        _gan.Done("resume parts --steps 5 --data-dir pack.npz -q");
        foreach (string file in new[] { "generator.safetensors", "checkpoints/step-00000005.safetensors", "training.gif" })
            Assert.That(File.ReadAllBytes(_gan["parts", file]), Is.EqualTo(File.ReadAllBytes(_gan["whole", file])), file);

        // none can be skipped, for the run was trained on each
        _gan.Put("gone/cats/bad.png", [1]);
        Assert.That(
            _gan.Refused(ExitCode.Data, "resume parts --steps 6 --data-dir gone", "bad.png", "remove them: the run goes on").Error,
            Does.Not.Contain("--skip-bad-files"));
        File.Delete(_gan["gone", "cats", "bad.png"]);

        // other pictures are said to be what they are
        _gan.Put("gone/cats/0.png", PictureFolderTests.Flat(40, 30, 3, 99, 98, 0));
        _gan.Refused(
            ExitCode.Usage, "resume parts --steps 6 --data-dir gone", "dataset.sha256 was", "Its pictures have other values than then",
            "`gan data DIR --pack FILE.npz --resolution 32 --channels 1 --background white`");
    }

    /// <summary>A run is judged in the size and on the background that it was trained with, whichever of its files is named.</summary>
    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void ARunIsJudgedAsItWasTrained()
    {
        for (int i = 0; i < 66; i++)
            _gan.Put($"own/{i:00}.png", Pictures.Png(Pictures.Noise(20, 20, 3, i)));
        _gan.Done("--dataset own --resolution 28 --channels 3 --batch 8 --steps 1 --samples 4 --output run -q");
        foreach (string name in new[] { "run", "run/generator.safetensors", "run/checkpoints/step-00000001.safetensors" })
            Assert.That(_gan.Done($"evaluate {name} --output seen").Output, Does.Contain("principal components of the pixels"), name);
        string other = _gan.Done("evaluate run --dataset digits --features pixels --count 60 --output seen").Output;
        Assert.That(other, Does.Contain("digits"), "in the run's size and colour");
        _gan.Refused(ExitCode.Usage, "evaluate run --resize", "--resize is for --images");

        // a zip of another program's pictures, of another size
        ZipFile.CreateFromDirectory(_gan["own"], _gan["made.zip"]);
        const string Against = "evaluate --images made.zip --dataset own --resolution 28 --output seen";
        _gan.Refused(ExitCode.Data, Against, "pictures in made.zip aren't 28x28 colour", ".png is 20x20 colour", "--resize");
        Assert.That(_gan.Done($"{Against} --resize").Output, Does.Contain(" from made.zip"));
    }

    /// <summary>Named sets in another size, and in colour.</summary>
    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void KnownSetsHaveSizesToo()
    {
        Assert.That(
            _gan.Done("--dataset digits --limit 16 --batch 4 --steps 1 --samples 4 --resolution 48 --channels 3 --output a").Output,
            Does.Contain(", as 48x48 colour."));
        var grid = ImageFiles.Read(_gan["a", "samples", "real.png"]).Image;
        Assert.That((grid.Width, grid.Height, grid.Channels), Is.EqualTo((198, 198, 3))); // two of 96, three gaps of 2
        Assert.That(
            _gan.Done("--dataset digits --limit 16 --batch 4 --resolution 64 --dry-run").Output, Does.Contain("4,096"));
        _gan.Refused(
            ExitCode.Usage, "--dataset digits --resolution 128 --channels 3 --dry-run", "60,000 pictures of 128x128 colour are more than");
        _gan.Refused(
            ExitCode.Usage, "--dataset digits --limit 64 --batch 4 --resolution 128 --samples 2048", "Choose fewer --samples");
        Assert.That(Directory.Exists(_gan["runs"]), Is.False);
        _gan.Done("resume a --steps 2 -q");
        _gan.Done("sample a --count 4 --output grid.png");
        Assert.That(ImageFiles.Read(_gan["grid.png"]).Image.Width, Is.EqualTo(198));
    }

    /// <summary>Small sets get a grid and a checkpoint every 200 steps or more, and at both ends; the log has all epochs.</summary>
    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void FewPicturesDontMakeManyFiles()
    {
        _gan.Done("--dataset digits --limit 8 --batch 4 --epochs 250 --samples 1 --keep 9 --output a -q");
        Assert.That(
            Directory.GetFiles(_gan["a", "samples"], "epoch-*").Select(Path.GetFileName).Order(StringComparer.Ordinal),
            Is.EqualTo(new[] { "epoch-0000.png", "epoch-0100.png", "epoch-0200.png", "epoch-0250.png" }));
        Assert.That(
            Directory.GetFiles(_gan["a", "checkpoints"]).Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal),
            Is.EqualTo(new[] { "step-00000200", "step-00000400", "step-00000500" }));
        Assert.That(File.ReadAllLines(_gan["a", "loss.csv"]), Has.Length.EqualTo(251));
        var settings = JsonDocument.Parse(File.ReadAllBytes(_gan["a", "settings.json"])).RootElement;
        Assert.That(settings.GetProperty("resolved").GetProperty("sample_every").GetInt32(), Is.EqualTo(100));
        Assert.That(settings.GetProperty("checkpoint_every").GetInt32(), Is.EqualTo(100));
        _gan.Done("resume a --epochs 300 -q");
        _gan.Done("--dataset digits --limit 8 --batch 4 --epochs 300 --samples 1 --keep 9 --output b -q");
        foreach (string file in new[] { "generator.safetensors", "training.gif" })
            Assert.That(File.ReadAllBytes(_gan["a", file]), Is.EqualTo(File.ReadAllBytes(_gan["b", file])), file);
    }

    // of both sizes that each class has, the left half is brighter, so that a mirrored one is another
    private void PutClasses()
    {
        for (int i = 0; i < 8; i++)
        {
            var (width, height) = i < 5 ? (40, 30) : (20, 30);
            var pixels = new byte[3 * width * height];
            for (int at = 0; at < pixels.Length; at += 3)
                (pixels[at], pixels[at + 1]) = ((byte)(10 + i), (byte)(at / 3 % width < width / 2 ? 200 : 20));
            _gan.Put($"own/{(i < 5 ? "cats" : "dogs")}/{i}.png", Pictures.Png(new Image(width, height, 3, pixels)));
        }
    }
}
