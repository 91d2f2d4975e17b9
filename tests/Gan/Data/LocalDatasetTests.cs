using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Fashion-MNIST and CIFAR-10: found, read, refused; never downloaded.</summary>
public sealed class LocalDatasetTests
{
    private const string Images = "train-images-idx3-ubyte", Labels = "train-labels-idx1-ubyte";
    private TestFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TestFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [TestCase("variable/fashion-mnist", "GAN_DATA_DIR")]
    [TestCase("variable", "GAN_DATA_DIR")]
    [TestCase("cache/gan-from-scratch/fashion-mnist", "the cache")]
    public void FashionIsFoundInItsPlaces(string place, string why)
    {
        Directory.CreateDirectory(At("variable"));
        PutFashion(place);
        var open = Open("fashion-mnist");
        Assert.That(open.Description, Is.EqualTo($"Fashion-MNIST, 7 pictures from {At(place)} ({why})."));
        Assert.That(open.Warnings, Is.Empty);
        Assert.That((open.Images.Name, open.Images.Shape), Is.EqualTo(("fashion-mnist", MnistFiles.Shape)));
        Assert.That(open.Images.Pixels, Is.EqualTo(FakeMnist.Images[16..]));
        Assert.That(DatasetDescription.Of(Places(), "fashion-mnist").Single().State, Is.EqualTo("Complete."));
    }

    [Test]
    public void FashionThatCannotBe()
    {
        PutFashion("cache/gan-from-scratch");
        Refused(
            "fashion-mnist", null, "Fashion-MNIST is not in", "it isn't downloaded", "github.com/zalandoresearch/fashion-mnist",
            At("cache", "gan-from-scratch", "fashion-mnist"));
        _folder.File($"own/{Labels}", FakeMnist.Labels);
        Refused("fashion-mnist", At("own"), $"lacks {Images} of Fashion-MNIST");
        PutFashion("own");
        Assert.That(Open("fashion-mnist", At("own")).Images.Count, Is.EqualTo(7));
        _folder.File($"own/{Images}", FakeMnist.Images[..^1]);
        Refused("fashion-mnist", At("own"), "it is cut short");
    }

    [Test]
    public void MnistItselfIsNoFashion()
    {
        PutFashion("own");
        var request = Request("fashion-mnist", At("own")) with { Part = FakeMnist.Part };
        Assert.That(() => Datasets.Open(request), Throws.TypeOf<GanException>().With.Message.Contains("holds MNIST's digits"));
    }

    [TestCase("own")]
    [TestCase("own/cifar-10-batches-bin")]
    public void Cifar10IsReadInOrder(string place)
    {
        _folder.File($"{place}/data_batch_5.bin", FakeCifar10.Records(1, first: 9));
        _folder.File($"{place}/data_batch_1.bin.gz", FakeMnist.Gzip(FakeCifar10.Records(3)));
        _folder.File($"{place}/data_batch_6.bin", [1]);
        _folder.File($"{place}/test_batch.bin", [1]);
        var open = Open("cifar10", At("own"));
        var images = open.Images;
        Assert.That((images.Name, images.Count, images.Shape), Is.EqualTo(("cifar10", 4, new PictureShape(32, 32, 3))));
        Assert.That(images.Labels, Is.EqualTo(new byte[] { 0, 1, 2, 9 }));
        Assert.That(images.Pixels[(3 * 3072)..][..9], Is.EqualTo(new byte[] { 9, 100, 0, 9, 100, 1, 9, 100, 2 }));
        Assert.That(open.Description, Is.EqualTo($"CIFAR-10, 4 pictures from {At(place)} (--data-dir)."));
    }

    [TestCase("variable/cifar10")]
    [TestCase("variable/cifar-10-batches-bin")]
    [TestCase("cache/gan-from-scratch/cifar10")]
    public void Cifar10IsFoundInItsPlaces(string place)
    {
        Directory.CreateDirectory(At("variable"));
        _folder.File($"{place}/data_batch_2.bin", FakeCifar10.Records(2));
        Assert.That(Open("cifar10").Images.Where, Is.EqualTo(At(place)));
        Assert.That(DatasetDescription.Of(Places(), "cifar10").Single().State, Is.EqualTo("Usable, with 2 of 50,000 pictures."));
    }

    [Test]
    public void Cifar10ThatIsDamaged()
    {
        byte[] whole = FakeCifar10.Records(2), wrong = FakeCifar10.Records(2), packed = FakeMnist.Gzip(whole);
        wrong[FakeCifar10.Record] = 10;
        const string Plain = "data_batch_1.bin", Packed = "data_batch_1.bin.gz";
        (string Name, byte[] Content, string Says)[] faults =
        [
            (Plain, [], "it is empty"),
            (Plain, whole[..^1], "its 6,145 bytes"),
            (Plain, wrong, "label 1 is 10"),
            (Plain, packed, "it holds gzip, which needs a name ending in .gz"),
            (Packed, whole, "it doesn't hold gzip"),
            (Packed, [], "it is empty"),
            (Packed, FakeMnist.Gzip([]), "it is empty"),
            (Packed, FakeMnist.Gzip(whole[..100]), "its 100 bytes"),
            (Packed, packed[..^10], "its gzip data is damaged or cut short"),
            (Packed, packed[..(packed.Length / 2)], "its gzip data is damaged or cut short"),
        ];
        foreach (var (name, content, says) in faults)
        {
            string path = _folder.File($"own/{name}", content);
            Refused("cifar10", At("own"), path, says);
            Assert.That(
                DatasetDescription.Of(Places() with { Variable = At("own") }, "cifar10").Single().State,
                Does.StartWith("Damaged: ").And.Contain(says));
            File.Delete(path);
        }
        Refused("cifar10", At("own"), "lacks data_batch_1.bin to data_batch_5.bin of CIFAR-10", "cifar-10-binary.tar.gz");
        Refused("cifar10", At("none"), "doesn't exist");
        Refused("cifar10", null, "CIFAR-10 is not in", "it isn't downloaded");
    }

    private string At(params string[] parts) => Path.Combine([_folder.Path, .. parts]);

    private void PutFashion(string place)
    {
        _folder.File($"{place}/{Images}", FakeMnist.Images);
        _folder.File($"{place}/{Labels}.gz", FakeMnist.Gzip(FakeMnist.Labels));
    }

    private SearchPath Places() => new(At("variable"), At("cache", "gan-from-scratch"));

    private DatasetRequest Request(string name, string? dataDir) => new(name) { SearchPath = Places(), DataDir = dataDir };

    private OpenedDataset Open(string name, string? dataDir = null) => Datasets.Open(Request(name, dataDir));

    private void Refused(string name, string? dataDir, params string[] says)
    {
        var fault = Assert.Throws<GanException>(() => Open(name, dataDir))!;
        Assert.That(fault.Code, Is.EqualTo(ExitCode.Data));
        foreach (string part in says)
            Assert.That(fault.Message, Does.Contain(part));
    }
}
