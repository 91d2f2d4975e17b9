using System.Globalization;
using System.Numerics;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Each instruction that computes, against results worked out by hand.</summary>
public class PtxOperationTests
{
    // names | sources = result; sources = result; ...   Floats by value, or 0x and their bits; predicates 0 or 1.
    private static readonly string[] Rows =
    [
        "mov.b32 mov.u32 mov.s32 | 0x80000001 = 0x80000001",
        "mov.f32 | 1.5 = 1.5; 0x7FC00001 = 0x7FC00001; -0 = -0",
        "mov.b64 mov.u64 mov.s64 cvta.to.global.u64 | 0x8000000000000001 = 0x8000000000000001",
        "mov.pred | 1 = 1; 0 = 0",
        "selp.b32 selp.u32 selp.s32 | 5 6 1 = 5; 5 6 0 = 6",
        "selp.f32 | 5 nan 1 = 5; 5 0x7FC00001 0 = 0x7FC00001",
        "selp.b64 selp.u64 selp.s64 | 0x500000000 6 1 = 0x500000000; 5 0x600000000 0 = 0x600000000",
        "add.s32 add.u32 | 1 2 = 3; 0x7FFFFFFF 1 = 0x80000000; 0xFFFFFFFF 1 = 0",
        "add.s64 add.u64 | 0xFFFFFFFF 1 = 0x100000000; -1 1 = 0; 0x7FFFFFFFFFFFFFFF 1 = 0x8000000000000000",
        "sub.s32 sub.u32 | 1 2 = -1; 0x80000000 1 = 0x7FFFFFFF",
        "sub.s64 sub.u64 | 1 2 = -1; 0x100000000 1 = 0xFFFFFFFF",
        "neg.s32 | 5 = -5; 0x80000000 = 0x80000000; 0 = 0",
        "neg.s64 | 5 = -5; 0x8000000000000000 = 0x8000000000000000",
        "abs.s32 | -5 = 5; 5 = 5; 0x80000000 = 0x80000000",
        "abs.s64 | -5 = 5; 5 = 5; 0x8000000000000000 = 0x8000000000000000",
        "mul.lo.s32 mul.lo.u32 | -3 7 = -21; 0x10000 0x10000 = 0; 0x80000000 -1 = 0x80000000",
        "mul.lo.s64 mul.lo.u64 | -3 7 = -21; 0x100000000 0x100000000 = 0; 0xFFFFFFFF 0xFFFFFFFF = 0xFFFFFFFE00000001",
        "mul.hi.u32 | 0xFFFFFFFF 0xFFFFFFFF = 0xFFFFFFFE; 0x10000 0x10000 = 1",
        "mul.hi.s32 | -1 -1 = 0; -1 1 = -1; 0x80000000 0x80000000 = 0x40000000",
        "mul.hi.u64 | -1 -1 = -2; 0x100000000 0x100000000 = 1",
        "mul.hi.s64 | -1 -1 = 0; -1 1 = -1",
        "mul.wide.u32 | 0xFFFFFFFF 0xFFFFFFFF = 0xFFFFFFFE00000001; -1 1 = 0xFFFFFFFF",
        "mul.wide.s32 | 0xFFFFFFFF 0xFFFFFFFF = 1; -1 1 = -1; 0x80000000 0x80000000 = 0x4000000000000000",
        "mad.lo.s32 mad.lo.u32 | 3 -7 30 = 9; 0x10000 0x10000 5 = 5",
        "mad.lo.s64 mad.lo.u64 | 3 -7 30 = 9; 0x100000000 0x100000000 5 = 5",
        "mad.wide.u32 | 0xFFFFFFFF 4 0x100000000 = 0x4FFFFFFFC",
        "mad.wide.s32 | 0xFFFFFFFF 4 0x100000000 = 0xFFFFFFFC; 0x7FFFFFFF 4 0 = 0x1FFFFFFFC",
        "div.s32 | 7 -2 = -3; -7 2 = -3; 0x80000000 -1 = 0x80000000; 0x80000000 2 = 0xC0000000",
        "div.s64 | 7 -2 = -3; 0x8000000000000000 -1 = 0x8000000000000000; 0x700000000 7 = 0x100000000",
        "div.u32 | 7 -2 = 0; 0xFFFFFFFF 2 = 0x7FFFFFFF",
        "div.u64 | 7 -2 = 0; -1 2 = 0x7FFFFFFFFFFFFFFF",
        "rem.s32 | 7 -2 = 1; -7 2 = -1; 0x80000000 -1 = 0; -7 3 = -1",
        "rem.s64 | 7 -2 = 1; -7 2 = -1; 0x8000000000000000 -1 = 0",
        "rem.u32 | 0xFFFFFFFF 10 = 5; 7 -2 = 7",
        "rem.u64 | -1 10 = 5; 7 -2 = 7",
        "min.s32 | -1 1 = -1; 0x80000000 0x7FFFFFFF = 0x80000000",
        "max.s32 | -1 1 = 1; 0x80000000 0x7FFFFFFF = 0x7FFFFFFF",
        "min.u32 | -1 1 = 1",
        "max.u32 | -1 1 = -1",
        "min.s64 | -1 1 = -1",
        "max.s64 | -1 1 = 1",
        "min.u64 | -1 1 = 1",
        "max.u64 | -1 1 = -1",
        "and.b32 | 0xF0F0 0xFF00 = 0xF000",
        "or.b32 | 0xF0F0 0xFF00 = 0xFFF0",
        "xor.b32 | 0xF0F0 0xFF00 = 0x0FF0",
        "not.b32 | 0xF0F0 = 0xFFFF0F0F; 0 = -1",
        "and.b64 | 0xF0F000000000 0xFF0000000000 = 0xF00000000000",
        "or.b64 | 0xF0F000000000 0xFF0000000000 = 0xFFF000000000",
        "xor.b64 | 0xF0F000000000 0xFF0000000000 = 0x0FF000000000",
        "not.b64 | 0 = -1; -1 = 0",
        "and.pred | 0 0 = 0; 0 1 = 0; 1 0 = 0; 1 1 = 1",
        "or.pred | 0 0 = 0; 0 1 = 1; 1 0 = 1; 1 1 = 1",
        "xor.pred | 0 0 = 0; 0 1 = 1; 1 0 = 1; 1 1 = 0",
        "not.pred | 0 = 1; 1 = 0",
        "shl.b32 | 1 31 = 0x80000000; 1 32 = 0; 1 33 = 0; 1 -1 = 0; 3 0 = 3; 0xFFFFFFFF 4 = 0xFFFFFFF0",
        "shl.b64 | 1 63 = 0x8000000000000000; 1 64 = 0; 1 -1 = 0; 1 32 = 0x100000000",
        "shr.b32 shr.u32 | 0x80000000 31 = 1; 0x80000000 32 = 0; 0x80000000 -1 = 0; 3 0 = 3",
        "shr.b64 shr.u64 | 0x8000000000000000 63 = 1; -1 64 = 0; -1 -1 = 0",
        "shr.s32 | 0x80000000 31 = -1; 0x80000000 32 = -1; 0x80000000 -1 = -1; 0x40000000 32 = 0; -8 1 = -4",
        "shr.s64 | 0x8000000000000000 63 = -1; -1 64 = -1; 0x4000000000000000 100 = 0; -8 1 = -4",

        "add.f32 add.rn.f32 | 1 2 = 3; inf -inf = nan; 0x7FC00001 1 = nan; 0x00000001 0x00000001 = 0x00000002; 16777216 1 = 16777216; -0 0 = 0",
        "sub.f32 sub.rn.f32 | 1 2 = -1; inf inf = nan; 0x00800000 0x00000001 = 0x007FFFFF; 0 0 = 0; -0 0 = -0",
        "mul.f32 mul.rn.f32 | 3 -2 = -6; inf 0 = nan; 0x00800000 0.5 = 0x00400000; 3e38 10 = inf; 0x00000001 0.5 = 0; 0 -1 = -0",
        "div.rn.f32 | 1 3 = 0x3EAAAAAB; 1 0 = inf; -1 0 = -inf; 0 0 = nan; 1 inf = 0; 0x00800000 2 = 0x00400000; inf inf = nan",
        "fma.rn.f32 | 2 3 4 = 10; 0x3F800001 0x3F800001 -0x3F800002 = 0x28800000; inf 0 1 = nan; 0x00800000 0.5 0x00000001 = 0x00400001",
        "sqrt.rn.f32 | 2 = 0x3FB504F3; -1 = nan; -0 = -0; inf = inf; 0x00000001 = 0x1A3504F3; nan = nan",
        "rcp.rn.f32 | 4 = 0.25; 0 = inf; -0 = -inf; inf = 0; 3 = 0x3EAAAAAB; 0x7F000000 = 0x00400000",
        "ex2.approx.f32 | 3 = 8; -1 = 0.5; inf = inf; -inf = 0; nan = nan; 128 = inf; -149 = 0x00000001; -0 = 1",
        "min.f32 | 1 2 = 1; nan 2 = 2; 2 nan = 2; nan nan = nan; 0x7FC00001 0x7FC00001 = nan; -0 0 = -0; 0 -0 = -0; -inf 1 = -inf",
        "max.f32 | 1 2 = 2; nan 2 = 2; 2 nan = 2; nan nan = nan; -0 0 = 0; 0 -0 = 0; inf 1 = inf; 0x00000001 0 = 0x00000001",
        "neg.f32 | 1 = -1; 0 = -0; inf = -inf; 0x00000001 = 0x80000001",
        "abs.f32 | -1 = 1; -0 = 0; -inf = inf; 0x80000001 = 0x00000001",
        "cvt.rni.f32.f32 | 0.5 = 0; 1.5 = 2; 2.5 = 2; -0.5 = -0; -2.5 = -2; nan = nan; inf = inf; 8388609 = 8388609",
        "cvt.rmi.f32.f32 | 0.5 = 0; -0.5 = -1; -0 = -0; -inf = -inf; nan = nan; 0x80000001 = -1",
        "cvt.rpi.f32.f32 | 0.5 = 1; -0.5 = -0; 0x00000001 = 1",
        "cvt.rzi.f32.f32 | 1.9 = 1; -1.9 = -1; -0.5 = -0",

        "setp.eq.b32 setp.eq.u32 setp.eq.s32 | 1 1 = 1; 1 2 = 0",
        "setp.ne.b32 setp.ne.u32 setp.ne.s32 | 1 1 = 0; 1 2 = 1",
        "setp.eq.b64 setp.eq.u64 setp.eq.s64 | 1 1 = 1; 1 0x100000001 = 0",
        "setp.ne.b64 setp.ne.u64 setp.ne.s64 | 1 1 = 0; 1 0x100000001 = 1",
        "setp.lt.s32 setp.lt.s64 | -1 1 = 1; 1 -1 = 0; 1 1 = 0",
        "setp.le.s32 setp.le.s64 | -1 1 = 1; 1 -1 = 0; 1 1 = 1",
        "setp.gt.s32 setp.gt.s64 | -1 1 = 0; 1 -1 = 1; 1 1 = 0",
        "setp.ge.s32 setp.ge.s64 | -1 1 = 0; 1 -1 = 1; 1 1 = 1",
        "setp.lt.u32 setp.lt.u64 | -1 1 = 0; 1 -1 = 1; 1 1 = 0",
        "setp.le.u32 setp.le.u64 | -1 1 = 0; 1 -1 = 1; 1 1 = 1",
        "setp.gt.u32 setp.gt.u64 | -1 1 = 1; 1 -1 = 0; 1 1 = 0",
        "setp.ge.u32 setp.ge.u64 | -1 1 = 1; 1 -1 = 0; 1 1 = 1",
        "setp.eq.f32 | 1 1 = 1; 1 2 = 0; nan 1 = 0; nan nan = 0; 0 -0 = 1",
        "setp.ne.f32 | 1 1 = 0; 1 2 = 1; nan 1 = 0; nan nan = 0; 0 -0 = 0",
        "setp.lt.f32 | 1 2 = 1; 2 1 = 0; 1 1 = 0; nan 1 = 0; -0 0 = 0; 0 0x00000001 = 1; -inf inf = 1",
        "setp.le.f32 | 1 2 = 1; 2 1 = 0; 1 1 = 1; 1 nan = 0; 0 -0 = 1",
        "setp.gt.f32 | 1 2 = 0; 2 1 = 1; 1 1 = 0; nan 1 = 0",
        "setp.ge.f32 | 1 2 = 0; 2 1 = 1; 1 1 = 1; 1 nan = 0",
        "setp.equ.f32 | 1 1 = 1; 1 2 = 0; nan 1 = 1; nan nan = 1",
        "setp.neu.f32 | 1 1 = 0; 1 2 = 1; nan 1 = 1; nan nan = 1",
        "setp.ltu.f32 | 1 2 = 1; 2 1 = 0; 1 1 = 0; nan 1 = 1",
        "setp.leu.f32 | 1 2 = 1; 2 1 = 0; 1 1 = 1; 1 nan = 1",
        "setp.gtu.f32 | 1 2 = 0; 2 1 = 1; 1 1 = 0; nan 1 = 1",
        "setp.geu.f32 | 1 2 = 0; 2 1 = 1; 1 1 = 1; 1 nan = 1",

        "cvt.rn.f32.s32 | -1 = -1; 16777217 = 16777216; 16777219 = 16777220; 0x80000000 = -2147483648; 0x7FFFFFFF = 2147483648",
        "cvt.rn.f32.u32 | -1 = 4294967296; 0x80000000 = 2147483648; 0x80000081 = 0x4F000001; 0x80000080 = 0x4F000000",
        "cvt.rn.f32.s64 | -1 = -1; 0x4000004000000001 = 0x5E800001; 0x4000004000000000 = 0x5E800000; 0x8000000000000000 = 0xDF000000",
        "cvt.rn.f32.u64 | -1 = 0x5F800000; 0x8000008000000001 = 0x5F000001; 0x8000008000000000 = 0x5F000000",
        "cvt.rzi.s32.f32 | 1.9 = 1; -1.9 = -1; nan = 0; inf = 0x7FFFFFFF; -inf = 0x80000000; 3e9 = 0x7FFFFFFF; 0x4EFFFFFF = 0x7FFFFF80",
        "cvt.rzi.u32.f32 | 1.9 = 1; -1.9 = 0; nan = 0; inf = 0xFFFFFFFF; -inf = 0; 3e9 = 3000000000; 5e9 = 0xFFFFFFFF",
        "cvt.rni.s32.f32 | 0.5 = 0; 1.5 = 2; -1.5 = -2; nan = 0; 3e9 = 0x7FFFFFFF",
        "cvt.rmi.s32.f32 | 0.5 = 0; -0.5 = -1; nan = 0; -3e9 = 0x80000000",
    ];

    private static readonly PtxType[] Whole =
        [PtxType.S8, PtxType.U8, PtxType.S16, PtxType.U16, PtxType.S32, PtxType.U32, PtxType.S64, PtxType.U64];

    private static IEnumerable<TestCaseData> ByName() =>
        from row in Rows
        let halves = row.Split(" | ")
        from name in halves[0].Split(' ')
        select new TestCaseData(name, halves[1]).SetArgDisplayNames(name);

    private static IEnumerable<string> Conversions() => from to in Whole from @from in Whole select $"cvt.{to.Name}.{@from.Name}";

    [TestCaseSource(nameof(ByName))]
    public void GivesTheBitsOfTheIsa(string name, string cases)
    {
        var operation = PtxOperation.All[name];
        string[] all = cases.Split("; ");
        var sources = new ulong[4 * all.Length];
        var results = new ulong[all.Length];
        for (int i = 0; i < all.Length; i++)
        {
            string[] words = all[i].Split(" = ")[0].Split(' ');
            Assert.That(words, Has.Length.EqualTo(operation.Sources.Count), all[i]);
            for (int s = 0; s < words.Length; s++)
                sources[(4 * i) + s] = Bits(words[s], operation.Sources[s]);
        }
        PtxRunner.Run(PtxPrograms.Around(operation), PtxPrograms.Entry(operation), new GridSize(1), all.Length, sources, results);
        for (int i = 0; i < all.Length; i++)
        {
            ulong expected = Bits(all[i].Split(" = ")[1], operation.Result);
            Assert.That(results[i].ToString("X"), Is.EqualTo(expected.ToString("X")), $"{name} {all[i]}");
        }
    }

    [TestCaseSource(nameof(Conversions))]
    public void ConvertsWholeNumbersLikeBigInteger(string name)
    {
        var operation = PtxOperation.All[name];
        var (to, from) = (operation.Result, operation.Sources[0]);
        ulong[] values =
        [
            0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x123456789ABCDEF0, ulong.MaxValue,
        ];
        var sources = values.SelectMany(value => new[] { value, 0ul, 0ul, 0ul }).ToArray();
        var results = new ulong[values.Length];
        PtxRunner.Run(PtxPrograms.Around(operation), PtxPrograms.Entry(operation), new GridSize(1), values.Length, sources, results);
        for (int i = 0; i < values.Length; i++)
        {
            var register = BigInteger.One << (to.Size == 8 ? 64 : 32);
            var value = Value(Value(values[i], from), to);
            Assert.That(new BigInteger(results[i]), Is.EqualTo(value < 0 ? value + register : value), $"{operation.Name} {values[i]:X}");
        }
    }

    [Test]
    public void EveryOperationHasARow()
    {
        var tested = ByName().Select(row => (string)row.Arguments[0]!)
            .Concat(Conversions());
        Assert.That(tested, Is.EquivalentTo(PtxOperation.All.Keys));
    }

    // the number that the lowest bits are, read as this type
    private static BigInteger Value(BigInteger bits, PtxType type)
    {
        var modulus = BigInteger.One << (8 * type.Size);
        var value = ((bits % modulus) + modulus) % modulus;
        return type.Name[0] == 's' && value >= modulus / 2 ? value - modulus : value;
    }

    private static ulong Bits(string text, PtxType type)
    {
        if (type == PtxType.F32 && !text.Contains("0x"))
        {
            return text switch
            {
                "nan" => 0x7FFFFFFF,
                "inf" => 0x7F800000,
                "-inf" => 0xFF800000,
                _ => BitConverter.SingleToUInt32Bits(float.Parse(text, CultureInfo.InvariantCulture)),
            };
        }
        bool minus = text[0] == '-';
        string digits = minus ? text[1..] : text;
        ulong value = digits.StartsWith("0x", StringComparison.Ordinal)
            ? Convert.ToUInt64(digits, 16)
            : ulong.Parse(digits, CultureInfo.InvariantCulture);
        if (minus)
            value = type == PtxType.F32 ? value ^ 0x80000000 : 0 - value;
        return type.Size == 8 ? value : (uint)value;
    }
}
