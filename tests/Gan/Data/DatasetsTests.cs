using System.Diagnostics;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

public sealed class DatasetsTests
{
    private const string Images = "train-images-idx3-ubyte";
    private const string Labels = "train-labels-idx1-ubyte";
    private TestFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TestFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [TestCase("train-images-idx3-ubyte", "train-labels-idx1-ubyte", false)]
    [TestCase("train-images.idx3-ubyte", "train-labels.idx1-ubyte", false)]
    [TestCase("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", true)]
    [TestCase("train-images.idx3-ubyte.gz", "train-labels.idx1-ubyte.gz", true)]
    public void DataDirIsFoundUnderTheUsualNames(string images, string labels, bool gzip)
    {
        _folder.File($"own/{images}", gzip ? FakeMnist.Gzip(FakeMnist.Images) : FakeMnist.Images);
        _folder.File($"own/{labels}", gzip ? FakeMnist.Gzip(FakeMnist.Labels) : FakeMnist.Labels);
        foreach (string name in new[] { "auto", "mnist" })
        {
            var open = Open(name, At("own"));
            Assert.Multiple(() =>
            {
                Assert.That(open.Images.Name, Is.EqualTo("mnist"));
                Assert.That(open.Images.Where, Is.EqualTo(At("own")));
                Assert.That((open.Images.Count, open.Images.Shape), Is.EqualTo((7, MnistFiles.Shape)));
                Assert.That(open.Images.Pixels, Is.EqualTo(FakeMnist.Images[16..]));
                Assert.That(open.Images.Labels, Is.EqualTo(FakeMnist.Labels[8..]));
                Assert.That(open.Description, Is.EqualTo($"MNIST, 7 pictures from {At("own")} (--data-dir)."));
                Assert.That(open.Warnings, Is.Empty);
            });
        }
    }

    [Test]
    public void ContentThatIsNotThePublishedOneIsAWarning()
    {
        Put("own");
        var open = Datasets.Open(Request("mnist") with { DataDir = At("own"), Part = MnistFiles.Training });
        Assert.That(open.Images.Count, Is.EqualTo(7));
        Assert.That(open.Warnings, Has.Count.EqualTo(2));
        Assert.That(open.Warnings[0], Does.Contain(At("own", Images)).And.Contain(FakeMnist.Part.Images.Sha256).And.Contain("ba891046"));
        Assert.That(open.Warnings[1], Does.Contain(At("own", Labels)).And.Contain("65a50cbb"));
    }

    [Test]
    public void DataDirAloneCounts([Values("auto", "mnist")] string name)
    {
        Put("variable");
        Put("cache/gan-from-scratch");
        Directory.CreateDirectory(At("own"));
        Refused(name, At("own"), $"--data-dir {At("own")} lacks {Images} and {Labels}");
        _folder.File($"own/{Images}", FakeMnist.Images);
        Refused(name, At("own"), $"lacks {Labels} of MNIST");
    }

    [Test]
    public void ADataDirThatIsNoFolder()
    {
        Refused("auto", At("none"), "doesn't exist");
        Refused("mnist", _folder.File("file", [1]), "is a file");
        Refused("auto", "", "is empty");
    }

    [TestCase("variable", "GAN_DATA_DIR")]
    [TestCase("variable/mnist", "GAN_DATA_DIR")]
    [TestCase("cache/gan-from-scratch", "the cache")]
    [TestCase("cache/gan-from-scratch/mnist", "the cache")]
    public void TheUsualPlacesAreSearched(string place, string why)
    {
        Directory.CreateDirectory(At("variable"));
        Put(place);
        var open = Open("auto");
        Assert.That(open.Description, Is.EqualTo($"MNIST, 7 pictures from {At(place)} ({why})."));
        Assert.That(open.Warnings, Is.Empty);
    }

    [Test]
    public void TheVariableComesBeforeTheCache()
    {
        Put("cache/gan-from-scratch");
        Put("variable");
        Assert.That(Open("mnist").Images.Where, Is.EqualTo(At("variable")));
    }

    [Test]
    public void AVariableThatLeadsNowhereIsSaid()
    {
        Put("cache/gan-from-scratch");
        var open = Open("auto");
        Assert.That(open.Images.Where, Is.EqualTo(At("cache", "gan-from-scratch")));
        Assert.That(open.Warnings.Single(), Is.EqualTo("GAN_DATA_DIR is skipped: it names no folder."));
        _folder.File($"variable/{Labels}", FakeMnist.Labels);
        Assert.That(Open("auto").Warnings.Single(), Does.StartWith(At("variable")).And.Contain(Images));
    }

    [Test]
    public void DamagedFilesAreAnErrorNotAReasonForAnotherSet()
    {
        Put("variable");
        _folder.File($"variable/{Images}", FakeMnist.Images[..^1]);
        Refused("auto", null, "it is cut short");
    }

    [Test]
    public void FilesThatDoNotBelongTogether()
    {
        Put("own");
        _folder.File($"own/{Labels}", FakeMnist.Idx(2049, [8], new byte[8]));
        Refused("mnist", At("own"), At("own", Labels), "8 labels", "7 pictures");
        _folder.File($"own/{Labels}", FakeMnist.Idx(2049, [7], [0, 1, 2, 10, 4, 5, 6]));
        Refused("mnist", At("own"), "label 3 is 10", "0 to 9");
        _folder.File($"own/{Images}", FakeMnist.Idx(2051, [7, 14, 14], new byte[7 * 196]));
        Refused("mnist", At("own"), "14x14", "28x28");
    }

    [Test]
    public void WithoutMnistAutoDrawsDigitsAndSaysWhy()
    {
        Directory.CreateDirectory(At("variable"));
        var open = Open("auto");
        Assert.That(open.Images.Name, Is.EqualTo("digits"));
        Assert.That(open.Images.Count, Is.EqualTo(100));
        Assert.That(open.Description, Does.Contain("built-in digits, 100 pictures").And.Contain("because MNIST"));
        Assert.That(open.Description, Does.Contain("can't be downloaded (").And.Contain("refused"));
        Assert.That(open.Warnings, Is.Empty);
    }

    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void WithoutANetworkAutoStartsInTime()
    {
        var watch = Stopwatch.StartNew();
        var open = Datasets.Open(Request("auto") with
        {
            Downloader = new Downloader
            {
                Connect = async (_, cancel) =>
                {
                    await Task.Delay(Timeout.Infinite, cancel);
                    return Stream.Null;
                },
            },
            DigitsCount = Digits.DefaultCount,
        });
        Assert.That(open.Images.Name, Is.EqualTo("digits"));
        Assert.That(watch.Elapsed.TotalSeconds, Is.LessThan(60));
    }

    // Headers and then nothing, from every mirror.
    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void WithANetworkThatSwallowsBodiesAutoStartsInTime()
    {
        using var silent = new LoopbackServer(async (_, stream, end) =>
        {
            await LoopbackServer.Write(stream, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
            await Task.Delay(Timeout.Infinite, end);
        });
        var watch = Stopwatch.StartNew();
        var open = Datasets.Open(Request("auto") with { Downloader = new Downloader([silent.Address, silent.Address]) });
        Assert.That(open.Images.Name, Is.EqualTo("digits"));
        Assert.That(open.Description, Does.Contain("nothing arrived within 5 seconds"));
        Assert.That(watch.Elapsed.TotalSeconds, Is.LessThan(9.5)); // not twice 5
    }

    [Test]
    public void AStallIsForAutoTheReasonForDigits()
    {
        using var stalled = new LoopbackServer(async (_, stream, end) =>
        {
            await LoopbackServer.Send(stream, FakeMnist.Gzip(FakeMnist.Images), 100);
            await Task.Delay(Timeout.Infinite, end);
        });
        var request = Request("auto") with
        {
            Downloader = new Downloader([stalled.Address, stalled.Address], stallLimit: TimeSpan.FromSeconds(0.5)),
        };
        Assert.That(Datasets.Open(request).Description, Does.Contain("nothing arrived for 0.5 seconds"));
        Assert.That(stalled.Requests, Is.EqualTo(1));
    }

    [Test]
    public void WithoutANetworkMnistSaysHowToGetIt()
    {
        Directory.CreateDirectory(At("variable"));
        string cache = At("cache", "gan-from-scratch");
        Refused("mnist", null,
            $"MNIST is not in {At("variable")}, ", "can't be downloaded", $"Get {Images}.gz and {Labels}.gz from https://",
            $"put them into {Path.Combine(cache, "mnist")}", "--data-dir or GAN_DATA_DIR");
    }

    [Test]
    public void WhatIsNowhereIsDownloadedOnce()
    {
        using var server = LoopbackServer.Of(new()
        {
            [$"{Images}.gz"] = FakeMnist.Gzip(FakeMnist.Images),
            [$"{Labels}.gz"] = FakeMnist.Gzip(FakeMnist.Labels),
        });
        var request =
            Request("auto") with { SearchPath = Places() with { Variable = null }, Downloader = new Downloader([server.Address]) };
        string target = At("cache", "gan-from-scratch", "mnist");
        var first = Datasets.Open(request);
        var second = Datasets.Open(request);
        Assert.That(first.Description, Is.EqualTo($"MNIST, 7 pictures from {target} (downloaded)."));
        Assert.That(second.Description, Is.EqualTo($"MNIST, 7 pictures from {target} (the cache)."));
        Assert.That(first.Warnings.Concat(second.Warnings), Is.Empty);
        Assert.That(server.Requests, Is.EqualTo(2));
    }

    [Test]
    public void ADownloadOfOtherContentIsAnErrorOrForAutoTheReasonForDigits()
    {
        byte[] other = FakeMnist.Gzip(FakeMnist.Idx(2051, [7, 28, 28], new byte[7 * 784]));
        using var server = LoopbackServer.Of(new() { [$"{Images}.gz"] = other });
        var request = Request("mnist") with { Downloader = new Downloader([server.Address]) };
        var fault = Assert.Throws<GanException>(() => Datasets.Open(request))!;
        Assert.That(fault.Code, Is.EqualTo(ExitCode.Data));
        Assert.That(fault.Message, Does.Contain("isn't the published file"));
        var open = Datasets.Open(request with { Name = "auto" });
        Assert.That(open.Images.Name, Is.EqualTo("digits"));
        Assert.That(open.Description, Does.Contain("isn't the published file"));
    }

    [Test]
    public void CancellingIsNeitherAFaultNorAReasonForDigits()
    {
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        foreach (string name in Datasets.Names)
            Assert.That(() => Datasets.Open(Request(name) with { Cancel = cancel.Token }), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void DigitsNeedNothing()
    {
        var open = Open("digits");
        Assert.That(open.Description, Is.EqualTo("The built-in digits, 100 pictures drawn by the program, as asked for."));
        Assert.That(open.Images.Where, Is.EqualTo("built in"));
        Assert.That(open.Warnings, Is.Empty);
        Assert.That(Open("digits", At("none")).Warnings.Single(), Does.StartWith("--data-dir is not used"));
    }

    [TestCase("MNIST")]
    [TestCase("imagenet")]
    [TestCase("")]
    public void AnUnknownNameListsTheKnown(string name)
    {
        var fault = Assert.Throws<GanException>(() => Open(name))!;
        Assert.That(fault.Code, Is.EqualTo(ExitCode.Usage));
        Assert.That(fault.Message, Does.Contain($"'{name}'").And.Contain("auto, mnist, fashion-mnist, cifar10, cifar100, digits"));
    }

    [Test]
    public void TheCacheIsWhereTheSystemKeepsIt()
    {
        static string Cache(params (string Name, string Value)[] variables) =>
            SearchPath.From(name => variables.FirstOrDefault(pair => pair.Name == name).Value).Cache;
        Assert.That(Cache(("XDG_CACHE_HOME", At("xdg"))), Is.EqualTo(At("xdg", "gan-from-scratch")));
        Assert.That(Cache(("GAN_CACHE_DIR", At("own")), ("XDG_CACHE_HOME", At("xdg"))), Is.EqualTo(At("own")));
        if (OperatingSystem.IsLinux())
        {
            Assert.That(Cache(("HOME", "/home/someone")), Is.EqualTo("/home/someone/.cache/gan-from-scratch"));
            Assert.That(
                Cache(("HOME", "/home/someone"), ("XDG_CACHE_HOME", "relative")), Is.EqualTo("/home/someone/.cache/gan-from-scratch"));
        }
        Assert.That(Path.IsPathFullyQualified(Cache()), Is.True);
        Assert.That(SearchPath.From(name => name == "GAN_DATA_DIR" ? "" : null).Variable, Is.Null);
    }

    [Test]
    public void ADescriptionSaysWhereAndWhether()
    {
        var searchPath = Places();
        var all = DatasetDescription.Of(searchPath);
        Assert.That(all.Select(set => (set.Name, set.Complete)), Is.EqualTo(new[]
        {
            ("mnist", false), ("fashion-mnist", false), ("cifar10", false), ("cifar100", false), ("digits", true), ("DIR", false),
        }));
        Assert.That(all[0].State, Is.EqualTo("Not there."));
        Assert.That(all[0].Searched, Is.EqualTo(searchPath.Folders.Select(place => place.Folder)));
        Assert.That(all[0].HowToGet, Does.Contain(searchPath.DownloadFolder).And.Contain($"{Images}.gz"));

        _folder.File($"variable/{Images}", FakeMnist.Images);
        Assert.That(Mnist().State, Is.EqualTo($"Incomplete: {At("variable")} lacks {Labels}."));
        _folder.File($"variable/{Labels}", FakeMnist.Labels);
        Assert.That((Mnist().Complete, Mnist().Folder), Is.EqualTo((true, At("variable"))));
        Assert.That(Mnist().State, Does.StartWith("Complete, but:").And.Contain("SHA-256"));
        _folder.File($"variable/{Labels}", FakeMnist.Labels[..^1]);
        Assert.That(Mnist().Complete, Is.False);
        Assert.That(Mnist().State, Does.StartWith("Damaged:").And.Contain("cut short"));
        Assert.That(
            () => DatasetDescription.Of(searchPath, "auto"),
            Throws.TypeOf<GanException>().With.Property(nameof(GanException.Code)).EqualTo(ExitCode.Usage));

        DatasetDescription Mnist() => DatasetDescription.Of(searchPath, "mnist").Single();
    }

    [Test]
    public void TheRealSet()
    {
        // Not a tool: machines without a copy of MNIST are never at fault, so GAN_REQUIRE_TOOLS does not count here.
        string? real = Environment.GetEnvironmentVariable("GAN_TEST_MNIST");
        if (string.IsNullOrEmpty(real))
            Assert.Ignore("needs GAN_TEST_MNIST to name a folder that holds MNIST");
        var watch = Stopwatch.StartNew();
        var open = Datasets.Open(new DatasetRequest("mnist") { DataDir = real });
        TestContext.Out.WriteLine($"opened in {watch.Elapsed.TotalSeconds:F3} s");
        Assert.That(open.Warnings, Is.Empty);
        Assert.That(open.Images.Count, Is.EqualTo(60_000));
        Assert.That(open.Images.Labels!.AsSpan(0, 10).ToArray(), Is.EqualTo(new byte[] { 5, 0, 4, 1, 9, 2, 1, 3, 1, 4 }));
        if (MnistFiles.Missing(real!, MnistFiles.Test).Count == 0)
        {
            var (images, warnings) = MnistFiles.Load(real!, MnistFiles.Test);
            Assert.That((images.Count, warnings.Count), Is.EqualTo((10_000, 0)));
        }
    }

    private string At(params string[] parts) => Path.Combine([_folder.Path, .. parts]);

    private void Put(string place)
    {
        _folder.File($"{place}/{Images}", FakeMnist.Images);
        _folder.File($"{place}/{Labels}", FakeMnist.Labels);
    }

    private SearchPath Places() => SearchPath.From(name => name switch
    {
        "GAN_DATA_DIR" => At("variable"),
        "XDG_CACHE_HOME" => At("cache"),
        _ => null,
    });

    // Port 1 of this machine: nothing listens there, so that a download is refused at once.
    private DatasetRequest Request(string name) => new(name)
    {
        SearchPath = Places(),
        Downloader = new Downloader([new("http://127.0.0.1:1/")]),
        Part = FakeMnist.Part,
        DigitsCount = 100,
    };

    private OpenedDataset Open(string name, string? dataDir = null) => Datasets.Open(Request(name) with { DataDir = dataDir });

    private void Refused(string name, string? dataDir, params string[] says)
    {
        var fault = Assert.Throws<GanException>(() => Open(name, dataDir))!;
        Assert.That(fault.Code, Is.EqualTo(ExitCode.Data));
        foreach (string part in says)
            Assert.That(fault.Message, Does.Contain(part));
    }
}
