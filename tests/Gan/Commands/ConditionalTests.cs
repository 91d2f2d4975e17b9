using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Images;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Recipes with convolutions and classes, from training to pictures of a class.</summary>
public sealed class ConditionalTests
{
    private const string Small = "--dataset digits --limit 64 --batch 16 --samples 4 --seed 3";
    private GanProgram _gan = null!;

    [SetUp]
    public void SetUp() => _gan = new GanProgram();

    [TearDown]
    public void TearDown() => _gan.Dispose();

    /// <summary>A run that goes on, with another number of threads, ends in the bytes of one that never stopped.</summary>
    [Sampled(4)]
    public void ARunIsResumedToTheByte(
        [Values("dcgan", "cgan", "acgan", "stable-conv --conditional --augment both --lr-decay none")] string recipe)
    {
        _gan.Done($"--recipe {recipe} {Small} --steps 9 --threads 1 --output whole");
        _gan.Done($"--recipe {recipe} {Small} --steps 3 --threads 2 --output parts"); // within an epoch of four
        _gan.Done("resume parts --steps 9 --threads 2");
        foreach (string file in new[] { "generator.safetensors", "checkpoints/step-00000009.safetensors" })
            Assert.That(File.ReadAllBytes(_gan["parts", file]), Is.EqualTo(File.ReadAllBytes(_gan["whole", file])), file);
    }

    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void PicturesAreAskedForByClass()
    {
        Assert.That(_gan.Done($"--recipe cgan {Small} --dry-run").Output, Does.Contain("EmbeddingProduct 10 x 100"));
        _gan.Done($"--recipe cgan {Small} --steps 2 --output run");
        _gan.Done("sample run --count 40 --npz all.npz");
        _gan.Done("sample run --class 7 --count 40 --npz sevens.npz");
        var (all, sevens) = (Read("all.npz"), Read("sevens.npz"));
        for (int i = 0; i < 40; i++)
        {
            bool isSame = all[i].SequenceEqual(sevens[i]);
            Assert.That(isSame, Is.EqualTo(i % 10 == 7), $"picture {i} of all classes in turn beside that of the same noise as a 7");
        }
        _gan.Done("sample run --classes 3,7 --count 5 --output rows.png --npz rows.npz");
        var rows = Read("rows.npz");
        Assert.That(rows.Count, Is.EqualTo(10), "five of each");
        Assert.That(rows[7].ToArray(), Is.EqualTo(sevens[7].ToArray()), "the second row has sevens, of the noise at their place");
        var grid = ImageFiles.Read(_gan["rows.png"]).Image;
        Assert.That(grid.Width, Is.AtLeast(2 * grid.Height), "two rows of five, a strip above each");
        _gan.Done("interpolate run --class 2 --seeds 0-1 --steps 2 --npz walk.npz");
        Assert.That(Read("walk.npz").Count, Is.EqualTo(3));
        _gan.Done("interpolate run --classes 2,5,2 --steps 3 --seeds 7 --count 2 --npz classes.npz --output classes.gif");
        _gan.Done("sample run --class 5 --seed 7 --count 2 --npz fives.npz");
        var walk = Read("classes.npz");
        Assert.That(walk.Count, Is.EqualTo(14), "seven frames of two");
        Assert.That(walk[7].ToArray(), Is.EqualTo(Read("fives.npz")[1].ToArray()), "the stop in the middle");
        Assert.That(walk[12].ToArray(), Is.EqualTo(walk[0].ToArray()), "back where it began");
        Assert.That(walk[2].ToArray(), Is.Not.EqualTo(walk[0].ToArray()), "on the way");
        _gan.Done("interpolate run --classes 1,4 --seeds 3,9 --steps 1 --npz both.npz --output both.gif");
        _gan.Done("sample run --class 4 --seeds 9 --npz nine.npz");
        Assert.That(Read("both.npz")[1].ToArray(), Is.EqualTo(Read("nine.npz")[0].ToArray()), "another class and another noise");
        _gan.Refused(ExitCode.Usage, "interpolate run --classes 3 --output w.gif", "at least two");
        _gan.Refused(ExitCode.Usage, "interpolate run --classes 3,12 --output w.gif", "there is no class '12'");
        _gan.Refused(ExitCode.Usage, "interpolate run --classes 3,7,1 --seeds 0-1 --output w.gif", "names 3 and --seeds 2");
        _gan.Refused(ExitCode.Usage, "interpolate run --classes 3,7 --class 1 --output w.gif", "Leave one of them out");
        _gan.Refused(ExitCode.Usage, "sample run --class 10", "there is no class '10'", "0 to 9");
        _gan.Refused(ExitCode.Usage, "sample run --classes 8-11", "there is no class '11'");
        _gan.Refused(ExitCode.Usage, "sample run --class 1 --classes 2", "Leave one of them out");
        _gan.Refused(ExitCode.Usage, "sample run --classes 1-2 --seeds 3,4", "Leave --seeds out");
        _gan.Refused(ExitCode.Usage, "sample run --classes 0-9 --count 500", "5000", "from 1 to 4096");
    }

    /// <summary>A table of classes without rows, or that is none, or that has no bytes for a million, is damage, no crash.</summary>
    [TestCase(new int[0])]
    [TestCase(new[] { 1_000_000, 0 })]
    [ExhaustiveCase(new[] { 0, 100 })]
    [ExhaustiveCase(new[] { 100 })]
    public void ATableWithoutClassesIsDamage(int[] shape)
    {
        _gan.Done($"--recipe cgan {Small} --steps 1 --output run");
        var file = SafetensorsFile.Read(_gan["run", "generator.safetensors"]);
        var odd = new float[shape.Aggregate(1, (count, extent) => count * extent)];
        var tensors = file.Tensors.Select(tensor => tensor.Name == "emb.weight" ? (tensor.Name, shape, odd) : tensor);
        using (var stream = File.Create(_gan["odd.safetensors"]))
            Safetensors.Write(stream, tensors, file.Metadata);
        _gan.Refused(
            ExitCode.Data, "sample odd.safetensors", "odd.safetensors is no safetensors file of this program",
            "'emb.weight' is no table with a row of 100 numbers");
    }

    /// <summary>The names of one's own folders ask for classes, too.</summary>
    [Test]
    public void ClassesHaveTheNamesOfFolders()
    {
        for (int i = 0; i < 8; i++)
        {
            _gan.Put($"own/cats/{i}.png", PictureFolderTests.Flat(28, 28, 1, (byte)(10 + i)));
            _gan.Put($"own/dogs/{i}.png", PictureFolderTests.Flat(28, 28, 1, (byte)(200 + i)));
        }
        _gan.Done("--recipe cgan --dataset own --batch 4 --samples 4 --steps 2 --output run");
        _gan.Done("sample run --class dogs --count 3 --npz named.npz");
        _gan.Done("sample run --class 1 --count 3 --npz numbered.npz");
        Assert.That(File.ReadAllBytes(_gan["named.npz"]), Is.EqualTo(File.ReadAllBytes(_gan["numbered.npz"])));
        _gan.Done("interpolate run --classes dogs,cats --steps 2 --output named.gif");
        _gan.Refused(ExitCode.Usage, "interpolate run --classes dogs,birds --output w.gif", "there is no class 'birds'");
        _gan.Done("sample run --classes dogs --count 3 --npz row.npz --output row.png");
        Assert.That(Read("row.npz").Pixels.ToArray(), Is.EqualTo(Read("named.npz").Pixels.ToArray()), "a row of one class");
        _gan.Refused(ExitCode.Usage, "sample run --class birds", "there is no class 'birds'", "cats, dogs");
    }

    [TestCase("--recipe dcgan --dataset flat --batch 2 --resolution 48", "dcgan makes pictures of 28x28, 32x32", "--resolution 28")]
    [TestCase("--recipe acgan --dataset flat --batch 2 --resolution 28", "has no classes", "a folder of its own")]
    [TestCase("--recipe dcgan --loss hinge", "trains by its own step", "stable-conv")]
    [TestCase("--recipe odog --conditional", "odog has no conditional form", "stable-conv", "cgan and acgan are conditional anyway")]
    [TestCase("--recipe stable-conv --conditional --dataset flat --batch 2", "has no classes")]
    [TestCase("--recipe stable-conv --pack 2", "--pack lays pictures end to end")]
    public void WhatARecipeCannotTakeIsRefused(string arguments, params string[] says)
    {
        for (int i = 0; i < 4; i++)
            _gan.Put($"flat/{i}.png", PictureFolderTests.Flat(50, 50, 1, (byte)i));
        _gan.Refused(ExitCode.Usage, arguments, says);
    }

    /// <summary>A column for each class, with its number above; of one's own classes, too.</summary>
    [Test]
    public void GridsHaveAColumnForEachClass()
    {
        for (int i = 0; i < 9; i++)
            _gan.Put($"own/{"abc"[i % 3]}/{i}.png", PictureFolderTests.Flat(28, 28, 1, (byte)(20 * i)));
        _gan.Done("--recipe stable-conv --conditional --dataset own --batch 4 --steps 1 --output run");
        var grid = ImageFiles.Read(_gan["run", "samples/epoch-0001.png"]).Image;
        Assert.That((grid.Width, grid.Height), Is.EqualTo(((3 * 58) + 2, (10 * 58) + 2 + 14)), "ten rows of three, and a strip above");
        Assert.That(grid.Pixels[..(14 * grid.Width)].Count((byte)255), Is.EqualTo(4 * (12 + 8 + 11)), "0, 1 and 2");
        _gan.Done("sample run --classes 0-2 --count 2 --output rows.png");
        var rows = ImageFiles.Read(_gan["rows.png"]).Image;
        Assert.That((rows.Width, rows.Height), Is.EqualTo(((2 * 58) + 2, (3 * (58 + 14)) + 2)), "a strip above each row");
        Assert.That(_gan.Done("--recipe stable-conv --conditional --dataset own --batch 4 --dry-run").Output, Does.Contain("10 rows of 3"));
    }

    private ImageBytes Read(string file)
    {
        var pictures = NpzFile.Read(_gan[file]);
        return new ImageBytes(pictures.Shape, pictures.Pixels);
    }
}
