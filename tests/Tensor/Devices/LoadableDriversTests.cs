using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>OpenCL drivers that would end or stop the program: stand-ins in C, alone, beside each other and beside PoCL.</summary>
public sealed class LoadableDriversTests
{
    private const string Pocl = "/etc/OpenCL/vendors/pocl.icd";
    private const string Aborted = "it ended the process that loaded it (SIGABRT)";
    private const string Train = "--dataset digits --limit 64 --batch 32 --steps 2 --output run";

    private GanProgram _gan = null!;

    private string Vendors => _gan["vendors"];

    [SetUp]
    public void SetUp()
    {
        ToolRequirement.Require(OperatingSystem.IsLinux() && File.Exists("/usr/bin/gcc"), "/usr/bin/gcc on Linux");
        _gan = new GanProgram();
        Directory.CreateDirectory(Vendors);
    }

    [TearDown]
    public void TearDown() => _gan?.Dispose();

    [TestCase("ABORTS_WHEN_LOADED", "SIGABRT")]
    [ExhaustiveCase("ABORTS_WHEN_CALLED", "SIGABRT")]
    [ExhaustiveCase("EXITS", "exit code 0")]
    public void ADriverThatEndsTheProcessIsLeftOut(string fault, string words)
    {
        string bad = StandIn("bad", fault);
        string why = $"it ended the process that loaded it ({words})";
        var devices = Done("devices");
        Assert.That(devices.Output.Split('\n'), Has.One.EqualTo($"opencl    without {bad}: {why}"));
        Assert.That(devices.Output.Split('\n'), Has.One.EqualTo("opencl    none: none of its drivers can be used"));
        Assert.That(devices.Error, Is.Empty);
        string warning = $"Warning: The OpenCL driver {bad} is left out: {why}.\n";
        foreach (string command in new[] { "--dry-run --dataset digits", Train, "bench --recipe odog --steps 1 --batch 8" })
            Assert.That(Done(command).Error, Is.EqualTo(warning), command);
        Assert.That(File.Exists(_gan["run", "generator.safetensors"]));
        Assert.That(Loads("bad"), Has.Length.EqualTo(1).And.All.EndsWith(" 0"), "once, in a process that dumps nothing");

        var refused = Run("--device opencl --dry-run");
        Assert.That(refused.ExitCode, Is.EqualTo(4));
        Assert.That(
            refused.Error,
            Is.EqualTo("--device opencl: There is no opencl device: none of its drivers can be used. "
                + $"The OpenCL driver {bad} is left out: {why}. `gan devices` lists what there is.\n"));
    }

    [Test]
    public void TheProgramsOwnExecutableIsItsChildToo()
    {
        string bad = StandIn("bad", "ABORTS_WHEN_LOADED");
        string gan = Path.ChangeExtension(GanProgram.Dll, null);
        ToolRequirement.Require(File.Exists(gan), gan);
        var result = _gan.RunOf(["env", $"OCL_ICD_VENDORS={Vendors}", gan, "--dry-run", "--dataset", "digits"]);
        Assert.That((result.ExitCode, result.Error), Is.EqualTo((0, $"Warning: The OpenCL driver {bad} is left out: {Aborted}.\n")));
    }

    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void PoclStaysUsableBesideABadDriver()
    {
        string bad = StandIn("bad", "ABORTS_WHEN_LOADED");
        PutPocl();
        string[] lines = Done("devices").Output.Split('\n');
        Assert.That(lines, Has.One.StartsWith("opencl:0  ").And.One.EqualTo($"opencl    without {bad}: {Aborted}"));
        foreach (string device in new[] { "auto", "opencl", "opencl:0" })
        {
            var result = Done($"{Train}-{device} --device {device}{(device == "opencl" ? "" : " --dry-run")}");
            Assert.That(result.Error, Does.Contain($"Warning: The OpenCL driver {bad} is left out: {Aborted}.\n"));
            Assert.That(result.Output, Does.Contain(device == "auto" ? "\ndevice  cpu" : "\ndevice  opencl:0"));
        }
        Assert.That(Loads("bad"), Has.Length.EqualTo(2), "with PoCL and alone");
    }

    [Test]
    public void OfTwoThatOnlyClashOneStays()
    {
        StandIn("one", "CLASHES");
        StandIn("two", "CLASHES");
        string[] files = Directory.GetFiles(Vendors); // in the loader's order
        var result = Done(Train);
        Assert.That(
            result.Error,
            Is.EqualTo($"Warning: The OpenCL driver {files[1]} is left out: loaded together with {files[0]}, {Aborted}.\n"));
        Assert.That(Loads(Path.GetFileNameWithoutExtension(files[0])), Has.Length.EqualTo(3), "together, alone, and in the program");
    }

    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void ADriverThatNeverReturnsIsLeftOut()
    {
        string bad = StandIn("bad", "HANGS");
        Assert.That(Done(Train).Error, Is.EqualTo($"Warning: The OpenCL driver {bad} is left out: it didn't answer within 10 seconds.\n"));
        AllAreGone("bad");
    }

    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void PoclStaysUsableBesideADriverThatNeverReturns()
    {
        string bad = StandIn("bad", "HANGS");
        PutPocl();
        var vendors = OpenClVendors.Of(new Dictionary<string, string> { ["OCL_ICD_VENDORS"] = Vendors }, "");
        var (left, leftOut) = LoadableDrivers.Find(vendors, Kept, shown =>
        {
            var environment = new Dictionary<string, string>(shown);
            environment.TryAdd("OCL_ICD_VENDORS", Vendors); // which this process doesn't have
            return OpenClProbe.Run(environment, TimeSpan.FromSeconds(4));
        });
        Assert.That(leftOut, Is.EqualTo(new[] { new LeftOutDriver(bad, "it didn't answer within 4 seconds") }));
        Assert.That(left.Select(vendor => Path.GetFileName(vendor.Name)), Is.EqualTo(new[] { "pocl.icd" }));
        AllAreGone("bad");
    }

    [Test]
    public void WhatWasFoundIsKeptUntilADriverChanges()
    {
        StandIn("good", "");
        Assert.That(Done("devices").Error, Is.Empty);
        Assert.That(Loads("good"), Has.Length.EqualTo(2), "a child and the program");
        Done("devices");
        Assert.That(Loads("good"), Has.Length.EqualTo(3), "the program alone");

        File.SetLastWriteTimeUtc(_gan["good.so"], new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Done("devices");
        Assert.That(Loads("good"), Has.Length.EqualTo(5), "another library");
        Done("devices");
        Assert.That(Loads("good"), Has.Length.EqualTo(6), "known again");

        foreach (string file in Directory.GetFiles(_gan["cache", "gan-from-scratch", "opencl"], "*.txt"))
            File.WriteAllText(file, File.ReadAllText(file)[..^5] + "f\n");
        Done("devices");
        Assert.That(Loads("good"), Has.Length.EqualTo(8), "damaged");

        var debug = Done("devices", "GAN_DEBUG=1");
        Assert.That(debug.Error, Does.Match(@"^(noise\n)?OpenCL: 1 of 1 drivers can be loaded \(known from before, \d+ ms\)\n"));
        debug = Done("devices", "GAN_DEBUG=1", "OCL_ICD_PLATFORM_SORT=none");
        Assert.That(debug.Error, Does.Match(@"^(noise\n)?OpenCL: 1 of 1 drivers can be loaded \(tried in a child process, \d+ ms\)\n"));
    }

    [Test]
    public void WithoutACacheItIsFoundOutAgain()
    {
        StandIn("bad", "ABORTS_WHEN_LOADED");
        StandIn("good", "");
        string file = _gan.Put("file", []), temporary = Directory.CreateDirectory(_gan["temporary"]).FullName;
        for (int i = 1; i <= 2; i++)
        {
            Assert.That(Done("devices", $"GAN_CACHE_DIR={file}", $"TMPDIR={temporary}").Output, Does.Contain("without"));
            Assert.That(Loads("bad"), Has.Length.EqualTo(2 * i));
        }
        Assert.That(Directory.GetFileSystemEntries(temporary, "gan-opencl-*"), Is.Empty);
    }

    [Test]
    public void OnlyAChildIsEndedByTheHook()
    {
        StandIn("good", "");
        string hook = $"DOTNET_STARTUP_HOOKS={typeof(LoadableDrivers).Assembly.Location}";
        Assert.That(Done("--version", hook).Output, Does.Match(@"^gan \d+\.\d+\.\d+"));
        Assert.That(Done("devices", "GAN_OPENCL_PROBE=1").Output, Does.Contain("emulated"), "a child without the hook");
        Assert.That(Loads("good"), Has.Length.EqualTo(1), "it has no children of its own");
    }

    [Test]
    public void CommandsThatNeedNoDeviceLoadNothing()
    {
        StandIn("good", "");
        foreach (string command in new[] { "recipes", "--help", "--version", "--device cpu --dry-run", "--threads 1 --dry-run" })
            Done(command);
        Assert.That(Loads("good"), Is.Empty);
        Assert.That(Directory.Exists(_gan["cache", "gan-from-scratch", "opencl"]), Is.False);
    }

    [Test]
    public void ThoseWithAGraphicsProcessorComeFirst()
    {
        var vendors = Of("a", "b", "c", "d");
        var loaded = new List<string>();
        var (left, leftOut) = LoadableDrivers.Find(vendors, Kept, environment =>
        {
            string folder = environment.GetValueOrDefault("OCL_ICD_VENDORS", Vendors);
            string names = string.Concat(OpenClVendors.Files(folder).Select(File.ReadAllText));
            lock (loaded)
                loaded.Add(names);
            bool clash = names.Contains('d') || (names.Contains('a') && names.Contains('c')); // and c has the graphics processor
            return new OpenClProbeResult(clash ? "fell over" : null, Gpus: names.Contains('c') ? 1 : 0);
        });
        Assert.That(left.Select(vendor => Path.GetFileName(vendor.Name)), Is.EquivalentTo(new[] { "b.icd", "c.icd" }));
        string c = left.Single(vendor => vendor.Name.EndsWith("c.icd")).Name;
        string whyA = leftOut.Single(driver => driver.Name.EndsWith("a.icd")).Why;
        Assert.That(whyA, Does.StartWith("loaded together with ").And.Contain(c).And.EndsWith(", it fell over"));
        Assert.That(leftOut.Select(driver => driver.Name[^5..]), Is.EquivalentTo(new[] { "a.icd", "d.icd" }));
        Assert.That(leftOut.Single(driver => driver.Name.EndsWith("d.icd")).Why, Is.EqualTo("it fell over"));
        Assert.That(loaded, Is.Unique);
        LoadableDrivers.Find(vendors, Kept, _ => throw new InvalidOperationException("it was known"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void WhatWasNotTheDriversDoingIsNotKept(bool killed)
    {
        var vendors = Of("a");
        int loaded = 0;
        for (int i = 1; i <= 2; i++)
        {
            var (_, leftOut) = LoadableDrivers.Find(vendors, Kept, _ =>
            {
                loaded++;
                return killed ? new OpenClProbeResult("ended (SIGINT)", IsFinal: false) : null;
            });
            Assert.That((leftOut.Count, loaded), Is.EqualTo((killed ? 1 : 0, i)));
        }
    }

    [Test]
    public void AFolderKeepsTheOrderOfItsFiles()
    {
        OpenClVendor[] all = [.. "cabed".Select(c => new OpenClVendor($"/x/{c}.icd", OpenClVendorKind.InFolder, [(byte)c]))];
        foreach (var some in new[] { all[..3], [.. all[1..4].Reverse()], all[3..], [all[4], all[3]], all[..1], [] })
        {
            string folder = Kept.Of(some);
            var names = some.Select(vendor => Path.GetFileNameWithoutExtension(vendor.Name));
            Assert.That(OpenClVendors.Files(folder).Select(File.ReadAllText), Is.EqualTo(names));
            Assert.That(Kept.Of(some), Is.EqualTo(folder));
        }
        Assert.That(Directory.GetFileSystemEntries(_gan["kept"], ".*"), Is.Empty);
        string damaged = Kept.Of(all[..1]);
        File.WriteAllText(Path.Combine(damaged, "c.icd"), "another");
        Assert.That(File.ReadAllText(Path.Combine(Kept.Of(all[..1]), "c.icd")), Is.EqualTo("c"));
    }

    [Test]
    public void TheLoadersEnvironmentSaysWhereDriversAre()
    {
        string file = _gan.Put("vendors/a.icd", "liba.so\n"u8.ToArray());
        _gan.Put("vendors/readme", []);
        Assert.That(Names(), Is.EqualTo(new[] { file }));
        Assert.That(Names(("OPENCL_VENDOR_PATH", "/nowhere")), Is.Empty);
        Assert.That(Names(("OCL_ICD_VENDORS", "/nowhere")), Is.EqualTo(new[] { "/nowhere" }), "it may be a library");
        Assert.That(Names(("OCL_ICD_VENDORS", "")), Is.EqualTo(new[] { file }));
        Assert.That(Names(("OCL_ICD_VENDORS", file)), Is.EqualTo(new[] { file }));
        Assert.That(Names(("OCL_ICD_FILENAMES", "libx.so:liby.so")), Is.EqualTo(new[] { "libx.so", "liby.so", file }));

        var vendors = With(("OCL_ICD_FILENAMES", "libx.so:liby.so"));
        Assert.That(vendors.Key, Is.Not.EqualTo(With().Key));
        var shown = vendors.Showing([vendors.All[1]], some => $"{some.Count} files");
        Assert.That(
            shown.Select(variable => $"{variable.Key}={variable.Value}"),
            Is.EquivalentTo(new[] { "OCL_ICD_FILENAMES=liby.so", "OCL_ICD_VENDORS=0 files", "OPENCL_VENDOR_PATH=0 files" }));
        Assert.That(vendors.Showing(vendors.All, _ => ""), Is.Empty, "all of them need nothing");

        OpenClVendors With(params (string Name, string Value)[] variables) =>
            OpenClVendors.Of(variables.ToDictionary(v => v.Name, v => v.Value), Vendors);
        IEnumerable<string> Names(params (string Name, string Value)[] variables) => With(variables).All.Select(vendor => vendor.Name);
    }

    private OpenClDriverCache Kept => new(_gan["kept"]);

    private OpenClVendors Of(params string[] names)
    {
        foreach (string name in names)
            _gan.Put($"vendors/{name}.icd", [(byte)name[0]]);
        return OpenClVendors.Of(new Dictionary<string, string>(), Vendors);
    }

    /// <summary>Builds a driver; gives the file that names it.</summary>
    private string StandIn(string name, string fault)
    {
        string source = Path.Combine(TestContext.CurrentContext.TestDirectory, "Tensor", "Devices", "StandInOpenCl.c");
        string library = _gan[$"{name}.so"];
        string[] define = ["-D", $"LOADS=\"{_gan[$"{name}.loads"]}\"", .. fault.Length > 0 ? (string[])["-D", fault] : []];
        var built = Processes.Run("/usr/bin/gcc", [.. define, "-std=gnu11", "-shared", "-fPIC", "-o", library, source]);
        Assert.That(built.ExitCode, Is.Zero, built.Error);
        return _gan.Put($"vendors/{name}.icd", System.Text.Encoding.UTF8.GetBytes(library + "\n"));
    }

    private void PutPocl()
    {
        ToolRequirement.Require(File.Exists(Pocl), "PoCL");
        File.Copy(Pocl, Path.Combine(Vendors, "pocl.icd"));
    }

    /// <summary>A process and the most that its crash may dump, for each time that a driver was loaded.</summary>
    private string[] Loads(string name) => File.Exists(_gan[$"{name}.loads"]) ? File.ReadAllLines(_gan[$"{name}.loads"]) : [];

    private void AllAreGone(string name)
    {
        foreach (string load in Loads(name))
            Assert.That(() => Directory.Exists($"/proc/{load.Split(' ')[0]}"), Is.False.After(2000, 50), load);
    }

    private ProcessResult Run(string arguments, params string[] environment) =>
        _gan.RunOf(["env", $"OCL_ICD_VENDORS={Vendors}", .. environment, "dotnet", GanProgram.Dll, .. arguments.Split(' ')]);

    private ProcessResult Done(string arguments, params string[] environment)
    {
        var result = Run(arguments, environment);
        Assert.That(result.ExitCode, Is.Zero, $"{arguments}: {result.Error}");
        return result with { Error = result.Error.Replace("noise\n", "") }; // of a good driver in the program itself
    }
}
