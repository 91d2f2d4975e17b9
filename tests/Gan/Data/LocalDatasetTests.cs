using System.Formats.Tar;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Fashion-MNIST and CIFAR-10: found, read, refused; never downloaded.</summary>
[Quick]
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

    [TestCase("cifar-10-binary.tar.gz", TarEntryFormat.Gnu)]
    [TestCase("cifar-10-binary.tgz", TarEntryFormat.Ustar)]
    [TestCase("cifar-10-binary.tar", TarEntryFormat.Pax)]
    public void Cifar10FromItsArchive(string name, TarEntryFormat format)
    {
        var files = Enumerable.Range(1, 5).Select(n => ($"data_batch_{6 - n}.bin", FakeCifar10.Records(2, first: 6 - n)));
        byte[] tar = FakeCifar10.Tar(
            format, "cifar-10-batches-bin", [.. files, ("data_batch_6.bin", [1]), ("test_batch.bin", FakeCifar10.Records(3))]);
        _folder.File($"own/{name}", name.EndsWith('r') ? tar : FakeMnist.Gzip(tar));
        _folder.File("own/data_batch_1.bin", FakeCifar10.Records(9)); // one of five, where the archive has all
        var open = Open("cifar10", At("own"));
        Assert.That(open.Images.Labels, Is.EqualTo(new byte[] { 1, 2, 2, 3, 3, 4, 4, 5, 5, 6 }));
        Assert.That(open.Images.Where, Is.EqualTo(At("own")));
        Assert.That(open.Warnings, Is.Empty);
        Assert.That(Cifar10Files.Files.LoadTest(At("own"))!.Count, Is.EqualTo(3));
        Assert.That(DatasetDescription.Of(Places() with { Variable = At("own") }, "cifar10").Single().Complete, Is.True);
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Cifar100(bool inArchive)
    {
        (string, byte[])[] files = [("train.bin", FakeCifar10.Records100(3, first: 98)), ("test.bin", FakeCifar10.Records100(1))];
        if (inArchive)
            _folder.File("own/cifar-100-binary.tar.gz", FakeMnist.Gzip(FakeCifar10.Tar("cifar-100-binary", files)));
        foreach (var (name, content) in inArchive ? [] : files)
            _folder.File($"own/cifar-100-binary/{name}", content);
        var images = Open("cifar100", At("own")).Images;
        Assert.That((images.Name, images.Count, images.Shape), Is.EqualTo(("cifar100", 3, new PictureShape(32, 32, 3))));
        Assert.That(images.Labels!.Select(label => images.Classes![label]), Is.EqualTo(new[] { "woman", "worm", "apple" }));
        Assert.That(images.Pixels[(2 * 3072)..][..6], Is.EqualTo(new byte[] { 0, 100, 0, 0, 100, 1 }));
        Assert.That(Cifar100Files.Files.LoadTest(images.Where)!.Labels, Is.EqualTo(new byte[] { 0 }));
        Refused("cifar100", null, "CIFAR-100 is not in", "cifar-100-binary.tar.gz");
        byte[] wrong = FakeCifar10.Records100(1, first: 0);
        wrong[1] = 100;
        _folder.File("wrong/train.bin", wrong);
        Refused("cifar100", At("wrong"), "label 0 is 100", "0 to 99");
        _folder.File("cut/train.bin", wrong[..^1]);
        Refused("cifar100", At("cut"), "3,074 bytes", "two labels");
    }

    [Test]
    public void MissingBatchesAreAWarning()
    {
        foreach (int batch in new[] { 1, 3, 4 })
            _folder.File($"own/data_batch_{batch}.bin", FakeCifar10.Records(batch));
        Assert.That(
            Open("cifar10", At("own")).Warnings.Single(), Is.EqualTo("cifar10 has 3 of 5 batches: 8 of 50,000 pictures."));
    }

    [Test]
    public void AnArchiveThatIsDamaged()
    {
        byte[] whole = FakeCifar10.Tar("cifar-10-batches-bin", ("data_batch_1.bin", FakeCifar10.Records(2))), wrong = [.. whole];
        wrong[0] ^= 1;
        byte[] packed = FakeMnist.Gzip(whole);
        const string Plain = "cifar-10-binary.tar", Packed = "cifar-10-binary.tar.gz";
        (string Name, byte[] Content, string Says)[] faults =
        [
            (Plain, [], "it is damaged or cut short"),
            (Plain, whole[..^1024], "it is damaged or cut short"),
            (Plain, wrong, "it is damaged or cut short"),
            (Plain, packed, "it is damaged or cut short"),
            (Packed, whole, "it doesn't hold gzip"),
            (Packed, packed[..(packed.Length / 2)], "it is damaged or cut short"),
            (Packed, FakeMnist.Gzip(FakeCifar10.Tar("a", ("data_batch_2.bin", [1]))), "data_batch_2.bin: its 1 bytes"),
            (Packed, FakeMnist.Gzip(FakeCifar10.Tar("a", ("test_batch.bin", FakeCifar10.Records(1)))), "lacks data_batch_1.bin"),
        ];
        foreach (var (name, content, says) in faults)
        {
            string path = _folder.File($"own/{name}", content);
            Refused("cifar10", At("own"), path, says);
            File.Delete(path);
        }
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
