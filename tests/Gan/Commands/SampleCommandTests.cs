using System.Buffers.Binary;
using System.Text;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>`gan sample`: pictures from the file that a run leaves.</summary>
public sealed class SampleCommandTests
{
    private const string Short = "--dataset digits --limit 128 --batch 64 --epochs 1 --seed 5 --output run";
    private GanProgram _gan = null!;

    [SetUp]
    public void SetUp() => _gan = new GanProgram();

    [TearDown]
    public void TearDown() => _gan.Dispose();

    /// <summary>
    /// The pictures of the run's own last grid: the same weights, noise and layout; the averaged weights where there is an average.
    /// </summary>
    [TestCase("odog", "")]
    [TestCase("fabo", "")]
    [ExhaustiveCase("fabo", "--as-written")]
    [ExhaustiveCase("lornatang", "")]
    [ExhaustiveCase("stable", "")]
    [ExhaustiveCase("sdl", "--ema 0.5 --loss hinge")]
    public void TheTrainingsSeedDrawsTheTrainingsGrid(string recipe, string options)
    {
        _gan.Done($"{Short} --recipe {recipe} {options} --samples 9");
        _gan.Done("sample run --count 9 --seed 5 --output grid.png --npz pictures.npz");
        var expected = Pictures.Read(_gan["run", "samples", "epoch-0001.png"]);
        var grid = Pictures.Read(_gan["grid.png"]);
        Assert.That((grid.Width, grid.Height), Is.EqualTo((expected.Width, expected.Height)));
        Assert.That(grid.Pixels.ToArray(), Is.EqualTo(expected.Pixels.ToArray()));
        var (header, pictures) = NpzArray.Read(_gan["pictures.npz"]);
        Assert.That(header, Does.StartWith("{'descr': '|u1', 'fortran_order': False, 'shape': (9, 28, 28), }"));
        Assert.That(ImageGrid.Compose(pictures, new PictureShape(28, 28, 1), 3, 3).Pixels.ToArray(), Is.EqualTo(expected.Pixels.ToArray()));
    }

    [Test]
    public void MorePicturesBeginWithTheSameOnesAndOtherSeedsHaveOthers()
    {
        _gan.Done(Short);
        _gan.Done("sample run/generator.safetensors --count 4 --npz few.npz");
        var said = _gan.Done("sample run --count 1100 --npz many.npz");
        _gan.Done("sample run --count 4 --seed 1 --npz other.npz");
        Assert.That(said.Output, Is.EqualTo("1,100 pictures of odog from seed 0: many.npz\n"));
        byte[] few = NpzArray.Read(_gan["few.npz"]).Values, many = NpzArray.Read(_gan["many.npz"]).Values;
        Assert.That(many, Has.Length.EqualTo(1100 * 784));
        Assert.That(many[..few.Length], Is.EqualTo(few));
        Assert.That(NpzArray.Read(_gan["other.npz"]).Values, Is.Not.EqualTo(few));
        Assert.That(File.Exists(_gan["grid.png"]), Is.False);
        _gan.Done("sample run");
        Assert.That(File.Exists(_gan["grid.png"]), Is.True);
        _gan.Refused(ExitCode.Usage, "sample run", "grid.png exists");
    }

    /// <summary>Each seed's picture is the first one that the seed alone draws, also as a file of its own.</summary>
    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void SeedsHaveAPictureEach()
    {
        _gan.Done(Short);
        Assert.That(
            _gan.Done("sample run --seeds 3,0-1 --single each --npz seeds.npz").Output,
            Is.EqualTo("3 pictures of odog from the seeds 3,0-1: each, seeds.npz\n"));
        byte[] seeds = NpzArray.Read(_gan["seeds.npz"]).Values;
        Assert.That(
            Directory.GetFiles(_gan["each"]).Select(Path.GetFileName).Order(),
            Is.EqualTo(new[] { "seed-0000.png", "seed-0001.png", "seed-0003.png" }));
        foreach (var (seed, index) in ((int, int)[])[(3, 0), (0, 1), (1, 2)])
        {
            byte[] picture = seeds[(index * 784)..((index + 1) * 784)];
            _gan.Done($"sample run --seed {seed} --count 2 --single of{seed} --npz of{seed}.npz");
            Assert.That(NpzArray.Read(_gan[$"of{seed}.npz"]).Values[..784], Is.EqualTo(picture));
            Assert.That(Pictures.Read(_gan["each", $"seed-{seed:0000}.png"]).Pixels.ToArray(), Is.EqualTo(picture));
            Assert.That(Pictures.Read(_gan[$"of{seed}", "0001.png"]).Pixels.ToArray(), Is.EqualTo(picture));
            Assert.That(File.Exists(_gan[$"of{seed}", "0002.png"]), Is.True);
        }
        _gan.Refused(ExitCode.Usage, "sample run --single each", "each isn't empty");
        _gan.Refused(ExitCode.Usage, "sample run --seeds 0-3 --seed 1", "Leave --count and --seed out");
        _gan.Refused(ExitCode.Usage, "sample run --seeds 0-4096 --output grid.png", "Give at most 4096 seeds");
        _gan.Refused(ExitCode.Usage, "sample run --seeds 0-3-5", "--seeds: '0-3-5' is no range of seeds");
    }

    /// <summary>The ending says what is written, whatever its letters; all without loss hold the same pixels.</summary>
    [Test]
    public void TheEndingSaysWhatIsWritten()
    {
        _gan.Done(Short);
        _gan.Done("sample run --count 6 --zoom 3 --output grid.png --npz a.npz");
        var grid = Pictures.Read(_gan["grid.png"]);
        Assert.That((grid.Width, grid.Height), Is.EqualTo((2 + 3 * (84 + 2), 2 + 2 * (84 + 2))));
        byte[] pictures = NpzArray.Read(_gan["a.npz"]).Values;
        Pictures.AssertSame(grid, ImageGrid.Compose(pictures, new PictureShape(28, 28, 1), 2, 3, zoom: 3));
        const string Jpeg = "\u00FF\u00D8";
        (string, string)[] files = [("a.WebP", "RIFF"), ("a.GIF", "GIF89a"), ("a.jpg", Jpeg), ("b.Jpeg", Jpeg)];
        foreach (var (file, begins) in files)
        {
            Assert.That(_gan.Done($"sample run --count 6 --zoom 3 --output {file}").Output, Does.EndWith($": {file}\n"));
            Assert.That(Encoding.Latin1.GetString(File.ReadAllBytes(_gan[file])), Does.StartWith(begins));
        }
        Assert.That(Pictures.Read(_gan["a.WebP"]).Pixels.SequenceEqual(Pictures.Rgb(grid)), Is.True);
        Assert.That(Pictures.ReadGif(_gan["a.GIF"]).Frames.Single().Pixels.SequenceEqual(Pictures.Rgb(grid)), Is.True);
        Assert.That(_gan.Done("sample run --count 6 --output b.NPZ").Output, Does.EndWith(": b.NPZ\n"));
        Assert.That(NpzArray.Read(_gan["b.NPZ"]).Values, Is.EqualTo(pictures));
        _gan.Refused(ExitCode.Usage, "sample run --output b.NPZ", "b.NPZ exists", "with --output");
    }

    /// <summary>A run that was cut off has no generator of its own yet; its newest checkpoint is the one with the greatest step.</summary>
    [Test]
    public void ARunWithCheckpointsAloneDrawsWithTheNewest()
    {
        _gan.Done(Short);
        _gan.Done("sample run --output whole.png");
        string folder = _gan["cut", "checkpoints"];
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "step-99999999.safetensors"), []);
        File.Copy(_gan["run", "generator.safetensors"], Path.Combine(folder, "step-100000000.safetensors"));
        var said = _gan.Done("sample cut --output cut.png");
        Assert.That(
            said.Output, Does.StartWith("cut was cut off: its newest generator is that of cut/checkpoints/step-100000000.safetensors.\n"));
        Assert.That(File.ReadAllBytes(_gan["cut.png"]), Is.EqualTo(File.ReadAllBytes(_gan["whole.png"])));
    }

    [Test]
    public void WhatIsNoGeneratorIsRefused()
    {
        _gan.Refused(ExitCode.Usage, "sample", "needs a run");
        _gan.Refused(ExitCode.Data, "sample nowhere", "There is no run 'nowhere'");
        _gan.Refused(ExitCode.Data, "sample .", "has neither a generator.safetensors nor a checkpoint");
        _gan.Refused(ExitCode.Usage, "sample nowhere --output missing/grid.png", "there is no folder");
        _gan.Refused(ExitCode.Usage, "sample nowhere --output a.png --npz a.png", "--output and --npz both name a.png");
        _gan.Refused(
            ExitCode.Usage, "sample nowhere --output grid.tif",
            "--output: 'grid.tif' is no kind of file that can be written.",
            "Give a name that ends in .png, .jpg, .jpeg,", ".gif, .webp or .npz.");
        _gan.Refused(ExitCode.Usage, "sample nowhere --output a.npz --npz b.npz", "both ask for a file of NumPy's");
        _gan.Refused(ExitCode.Usage, "sample nowhere --zoom 17", "--zoom: '17' is out of range", "from 1 to 16");
        _gan.Done(Short);
        _gan.Refused(ExitCode.Usage, "sample run --output a.webp --zoom 16 --count 4096", "a.webp would have", "16,383 each way", "--zoom");
        byte[] whole = File.ReadAllBytes(_gan["run", "generator.safetensors"]);
        string text = Encoding.Latin1.GetString(whole);
        Refused(whole[..5], "it is cut short");
        Refused(whole[..^4], "'fc4.bias'");
        Refused([.. whole, 0, 0, 0, 0], "4 bytes at its end belong to no tensor");
        Refused([255, 255, 255, 255, 0, 0, 0, 0, .. whole[8..]], "its header claims 4294967295 bytes");
        Refused(Changed("\"F32\"", "\"F16\""), "F16");
        Refused(Changed("\"recipe\":\"odog\"", "\"recipe\":\"odoh\""), "its recipe 'odoh' is unknown here");
        Refused(Changed("fc1.weight", "fc9.weight"), "it has no tensor 'fc1.weight'");
        Refused(Changed("[256,100]", "[100,256]"), "'fc1.weight' is [100,256] where [256,100] is needed");
        Refused(Changed("28x28x1", "28x28x2"), "'28x28x2' is no size of a picture");
        Refused(Changed("28x28x1", "99x99x3"), "'fc4.bias' is [784] where [29403] is needed");
        Refused(Changed("\"dtype\"", "\"dtypo\""), "its header is not the JSON");
        Refused(Changed("[784,1024]", "[2147483647,2147483647,2147483647,2147483647]"), "[2147483647,2147483647,2147483647,2147483647]");
        Refused(Changed("{\"__meta", "[\"__meta"), "its header is not the JSON");

        byte[] Changed(string from, string to)
        {
            Assert.That(text, Does.Contain(from));
            int at = text.IndexOf(from, StringComparison.Ordinal);
            byte[] changed = Encoding.Latin1.GetBytes(text[..at] + to + text[(at + from.Length)..]);
            BinaryPrimitives.WriteUInt64LittleEndian(
                changed, BinaryPrimitives.ReadUInt64LittleEndian(changed) + (ulong)(to.Length - from.Length));
            return changed;
        }

        void Refused(byte[] file, string says)
        {
            _gan.Put("bad.safetensors", file);
            _gan.Refused(ExitCode.Data, "sample bad.safetensors", "bad.safetensors is no safetensors file of this program", says);
        }
    }
}
