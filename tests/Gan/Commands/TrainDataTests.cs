using System.Text.Json;
using GanFromScratch.Gan.Errors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>`gan train` on Fashion-MNIST, CIFAR-10 and folders of pictures.</summary>
public sealed class TrainDataTests
{
    private GanProgram _gan = null!;

    [SetUp]
    public void SetUp() => _gan = new GanProgram();

    [TearDown]
    public void TearDown() => _gan.Dispose();

    [Sampled(4)]
    public void Cifar10InColourOrAsWrittenItsRedInGrey([Values] bool asWritten, [Values] bool gzip)
    {
        byte[] records = FakeCifar10.Records(70);
        _gan.Put($"own/data_batch_1.bin{(gzip ? ".gz" : "")}", gzip ? FakeMnist.Gzip(records) : records);
        var result = _gan.Done(
            $"--recipe lornatang {(asWritten ? "--as-written" : "")} --dataset cifar10 --data-dir own --epochs 1 --output a");
        Assert.That(result.Output, Does.StartWith("data    CIFAR-10, 70 pictures from").And.Contain("2 steps of 64 pictures"));
        foreach (string name in new[] { "real", "epoch-0000", "epoch-0001" })
        {
            var grid = Pictures.Read(_gan["a", "samples", $"{name}.png"]);
            // four pictures of 64, five gaps of 2
            Assert.That((grid.Width, grid.Height, grid.Channels), Is.EqualTo((266, 266, asWritten ? 1 : 3)));
        }
        Assert.That(Pictures.Read(_gan["a", "samples", "real.png"]).Row(10)[10 * (asWritten ? 1 : 3)], Is.LessThan(10), "red is the label");
        var settings = JsonDocument.Parse(File.ReadAllBytes(_gan["a", "settings.json"])).RootElement.GetProperty("resolved");
        Assert.That(settings.GetProperty("batch").GetInt32(), Is.EqualTo(64));
        Assert.That(settings.GetProperty("dataset").GetProperty("channels").GetInt32(), Is.EqualTo(3));
    }

    [Test]
    public void OtherDataKeepLornatangsBatchAndItsQuirkIsListed()
    {
        Assert.That(_gan.Done("--recipe lornatang --dataset digits --dry-run").Output, Does.Contain("of 128 pictures"));
        string text = _gan.Done("recipes lornatang").Output;
        Assert.That(text, Does.Contain("128 pictures (64 on CIFAR-10), ").And.Contain("CIFAR-10 grids show the red channel in grey"));
    }

    /// <summary>And classes, where its networks are told them.</summary>
    [Sampled(4)]
    public void EveryRecipeTakesColour(
        [Values("stable-conv --conditional", "hsu", "odog", "fabo", "acgan", "cgan", "dcgan", "sdl", "lornatang", "stable", "stable-conv")]
        string recipe)
    {
        _gan.Put("own/data_batch_1.bin", FakeCifar10.Records(8));
        bool hasClasses = recipe is "acgan" or "cgan" or "stable-conv --conditional";
        string grid = recipe == "stable-conv --conditional" ? "" : hasClasses ? "--samples 10" : "--samples 4";
        _gan.Done($"--recipe {recipe} --dataset cifar10 --data-dir own --batch 4 --steps 1 {grid} --output a");
        if (hasClasses)
            _gan.Done("sample a --classes 0-2 --count 6 --output classes.png");
        Assert.That(Pictures.Read(_gan["a", "samples", "epoch-0001.png"]).Channels, Is.EqualTo(3));
    }

    [Test]
    public void FashionHasItsOwnFolder()
    {
        _gan.Put("cache/gan-from-scratch/fashion-mnist/train-images-idx3-ubyte", FakeMnist.Images);
        _gan.Put("cache/gan-from-scratch/fashion-mnist/train-labels-idx1-ubyte", FakeMnist.Labels);
        var result = _gan.Done("--dataset fashion-mnist --batch 4 --steps 1");
        Assert.That(result.Output, Does.StartWith("data    Fashion-MNIST, 7 pictures from"));
        Assert.That(result.Error, Is.Empty);
        Assert.That(Directory.Exists(_gan["runs", "0001-odog-fashion-mnist"]), Is.True);
        Assert.That(_gan.Done("data fashion-mnist").Output, Does.Contain("Complete."));
    }

    [Test]
    public void AFolderOfPictures()
    {
        for (int i = 0; i < 8; i++)
            _gan.Put($"own/{i}.png", PictureFolderTests.Flat(40, 30, 1, (byte)(20 * i)));
        var result = _gan.Done("--dataset own --batch 4 --epochs 1");
        Assert.That(result.Output, Does.StartWith($"data    8 pictures from {_gan["own"]}, as 28x28 grey."));
        Assert.That(Directory.Exists(_gan["runs", "0001-odog-pictures"]), Is.True);
        Assert.That(_gan.Done("data ./own").Output, Does.Contain("own: 8 usable pictures, to be 28x28 grey").And.Contain("Complete: "));
        Assert.That(_gan.Done("--dataset ./own --batch 4 --dry-run").Output, Does.Contain("2 steps an epoch on 8 pictures"));
        _gan.Put("own/bad.png", [1]);
        _gan.Refused(
            ExitCode.Data, "--dataset own --batch 4", "1 of the 9 pictures in", "--skip-bad-files", "\n  bad.png is no picture of a kind");
        Assert.That(
            _gan.Done("--dataset own --batch 4 --steps 1 --skip-bad-files").Error,
            Does.StartWith("Warning: 1 of the 9").And.Contain("--skip-bad-files"));
    }

    [Test]
    public void DataThatCannotBe()
    {
        _gan.Put("own/file", [1]);
        _gan.Put("cifar/data_batch_1.bin", FakeCifar10.Records(1)[..^1]);
        _gan.Refused(ExitCode.Data, "--dataset own", "holds no pictures");
        _gan.Refused(ExitCode.Data, "--dataset own/file", "is no archive");
        _gan.Refused(ExitCode.Data, "--dataset ./nowhere", "there is no such folder or file");
        _gan.Refused(ExitCode.Data, "--dataset cifar10 --data-dir cifar --batch 1", "records");
        _gan.Refused(ExitCode.Data, "--dataset cifar10", "CIFAR-10 is not in", "isn't downloaded", "cifar-10-binary.tar.gz");
        _gan.Refused(
            ExitCode.Data, "--dataset fashion-mnist --dry-run", "Fashion-MNIST is not in", "github.com/zalandoresearch/fashion-mnist");
        Assert.That(Directory.Exists(_gan["runs"]), Is.False);
    }
}
