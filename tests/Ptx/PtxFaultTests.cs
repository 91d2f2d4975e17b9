using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>What no kernel may do, planted.</summary>
public class PtxFaultTests
{
    private const string Tile = ".shared .align 4 .b8 tile[256];";
    private const string WrittenByThread0 = "setp.eq.u32 %p1, %r1, 0;\n@%p1 st.shared.u32 [tile], 1;\nbar.sync 0;\n";

    // name, declarations, body, threads, part of the message
    private static readonly (string Name, string Declarations, string Body, int Threads, string Message)[] Planted =
    [
        (
            "LoadBehindTheBlock",
            "",
            "ld.global.f32 %f1, [%rd1+256];",
            1,
            "'ld.global.f32 %f1, [%rd1+256];', thread 0 of block (0, 0, 0): 4 bytes at place 256 of a block of 256 bytes"),
        ("StoreBeforeTheBlock", "", "st.global.u32 [%rd1+-4], 1;", 1, "4 bytes before a block"),
        ("VectorOverTheEnd", "", "ld.global.v4.f32 {%f1, %f2, %f3, %f4}, [%rd1+256];", 1, "16 bytes at place 256"),
        ("AtomicAnywhere", "", "mov.u64 %rd2, 4096;\natom.global.add.u32 %r2, [%rd2], 1;", 1, "address 0x1000"),
        (
            "OneThreadTooMany",
            "",
            "mad.wide.u32 %rd2, %r1, 4, %rd1;\nst.global.u32 [%rd2], %r1;",
            65,
            "thread 64 of block (0, 0, 0): 4 bytes at place 256"),
        ("MisalignedWord", "", "ld.global.u32 %r2, [%rd1+2];", 1, "is not aligned to 4 bytes"),
        ("MisalignedLong", "", "ld.global.u64 %rd2, [%rd1+4];", 1, "is not aligned to 8 bytes"),
        ("MisalignedVector", "", "ld.global.v4.f32 {%f1, %f2, %f3, %f4}, [%rd1+8];", 1, "is not aligned to 16 bytes"),
        (
            "VectorInAVariableOfWords",
            Tile,
            "mov.f32 %f1, 0f00000000;\nmov.u32 %r2, tile;\nst.shared.v4.f32 [%r2], {%f1, %f1, %f1, %f1};",
            1,
            "is not aligned to 16 bytes"),
        ("SharedBehindItsEnd", Tile, "mov.u32 %r2, tile;\nst.shared.u32 [%r2+256], 1;", 1, "are in no variable of shared memory"),
        ("SharedBeforeItsStart", Tile, "mov.u32 %r2, tile;\nst.shared.u32 [%r2+-4], 1;", 1, "are in no variable of shared memory"),
        ("SharedNotWritten", Tile, "ld.shared.u32 %r2, [tile+4];", 1, "shared memory is read at address"),
        ("SharedAtomicNotWritten", Tile, "atom.shared.add.u32 %r2, [tile], 1;", 1, "where nothing was written"),
        ("LocalNotWritten", ".local .align 4 .b8 own[8];", "ld.local.u32 %r2, [own];", 1, "local memory is read at address"),
        ("LocalBehindItsEnd", ".local .align 4 .b8 own[8];", "st.local.u32 [own+8], 1;", 1, "are in no variable of local memory"),
        ("RegisterNotWritten", "", "add.s32 %r2, %r3, 1;", 1, "%r3 is read, and nothing was written to it"),
        ("PredicateNotWritten", "", "@%p1 mov.u32 %r2, 1;", 1, "%p1 is read, and nothing was written to it"),
        ("DivisionByZero", "", "div.s32 %r2, 1, %r1;", 1, "division by zero"),
        ("Endless", "", "Again:\nbra Again;", 1, "this does not end"),
        ("RaceOfWrites", Tile, "st.shared.u32 [tile], %r1;", 2, "thread 1 of block (0, 0, 0): a race: shared memory at address"),
        (
            "RaceOfReadAndWrite",
            Tile,
            "shl.b32 %r2, %r1, 2;\nmov.u32 %r3, tile;\nadd.u32 %r3, %r3, %r2;\nst.shared.u32 [%r3], %r1;\nld.shared.u32 %r2, [tile];",
            64,
            "thread 1 of block (0, 0, 0): a race: shared memory at address 68 was written by thread 0, and there is no barrier between"),
        (
            "RaceAfterABarrier",
            Tile,
            WrittenByThread0 + "ld.shared.u32 %r2, [tile];\nsetp.eq.u32 %p1, %r1, 39;\n@%p1 st.shared.u32 [tile], 2;",
            40,
            "was read by other threads"),
        (
            "RaceOfAtomicAndRead",
            Tile,
            WrittenByThread0 + "atom.shared.add.u32 %r2, [tile], 1;\nld.shared.u32 %r2, [tile];",
            2,
            "a race: shared memory at address"),
        (
            "BarrierInABranch",
            "",
            "setp.lt.u32 %p1, %r1, 32;\n@%p1 bra Else;\nbar.sync 0;\nbra Done;\nElse:\nbar.sync 0;\nDone:",
            64,
            "thread 0 is at another barrier"),
        ("BarrierOfSome", "", "setp.lt.u32 %p1, %r1, 7;\n@%p1 bar.sync 0;\nbar.sync 0;", 64, "thread 0 is at another barrier"),
        (
            "ShuffleOfSome",
            "",
            "mov.u32 %r2, 0;\nsetp.lt.u32 %p1, %r1, 7;\n@%p1 shfl.sync.bfly.b32 %r2, %r1, 1, 0x1f, 0xffffffff;\nbar.sync 0;",
            32,
            "and not in the shuffle"),
        ("ShuffleFromNobody", "", "shfl.sync.bfly.b32 %r2, %r1, 16, 0x1f, 0xffffffff;", 16, "lane 16, whose value is asked for,"),
    ];

    public static IEnumerable<string> Kernels() => Planted.Select(fault => PtxPrograms.Small(fault.Name, fault.Body, fault.Declarations));

    private static IEnumerable<string> Names() => Planted.Select(fault => fault.Name);

    [TestCaseSource(nameof(Names))]
    public void IsFound(string name)
    {
        var fault = Planted.Single(planted => planted.Name == name);
        string kernel = PtxPrograms.Small(name, fault.Body, fault.Declarations);
        string message = Assert.Throws<CudaException>(
            () => PtxRunner.Run(kernel, name, new GridSize(1), fault.Threads, new uint[64]))!.Message;
        Assert.That(message, Does.StartWith($"{name}, line ").And.Contain(fault.Message));
    }

    [Test]
    public void ThreadsThatHaveEndedNeedNotComeToABarrier()
    {
        var got = new uint[64];
        string kernel = PtxPrograms.Small(
            "Early",
            "setp.lt.u32 %p1, %r1, 7;\n@%p1 ret;\nbar.sync 0;\nmad.wide.u32 %rd2, %r1, 4, %rd1;\nst.global.u32 [%rd2], %r1;");
        PtxRunner.Run(kernel, "Early", new GridSize(1), 64, got);
        Assert.That(got, Is.EqualTo(Enumerable.Range(0, 64).Select(t => t < 7 ? 0 : t)));
    }

    [Test]
    public void SharedMemoryOfOneBlockIsNotSeenByTheNext()
    {
        string kernel = PtxPrograms.Small(
            "Leak",
            "mov.u32 %r2, %ctaid.x;\nsetp.eq.u32 %p1, %r2, 0;\n@%p1 st.shared.u32 [tile], 1;\nld.shared.u32 %r2, [tile];",
            Tile);
        Assert.That(
            () => PtxRunner.Run(kernel, "Leak", new GridSize(2), 1, new uint[1]),
            Throws.TypeOf<CudaException>().With.Message.Contains("thread 0 of block (1, 0, 0): shared memory is read"));
    }
}
