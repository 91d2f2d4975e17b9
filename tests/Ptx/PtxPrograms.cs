using System.Text;

namespace GanFromScratch.Tests;

/// <summary>PTX written by hand for the interpreter's tests, and programs around a single instruction.</summary>
internal static class PtxPrograms
{
    public const string Head = """
        .version 6.0
        .target sm_50
        .address_size 64

        """;

    // out[block] = the sum of the block's 256 numbers
    public const string TreeSum = """
        .visible .entry TreeSum(
            .param .u64 x,
            .param .u64 out
        )
        .reqntid 256, 1, 1
        {
            .shared .align 16 .b8 shared0[1024];
            .reg .pred %p<3>;
            .reg .f32 %f<4>;
            .reg .b32 %r<8>;
            .reg .b64 %rd<5>;
            ld.param.u64 %rd1, [x];
            cvta.to.global.u64 %rd1, %rd1;
            mov.u32 %r1, %tid.x;
            mov.u32 %r2, %ctaid.x;
            mov.u32 %r3, %ntid.x;
            mad.lo.s32 %r4, %r2, %r3, %r1;
            mad.wide.s32 %rd2, %r4, 4, %rd1;
            ld.global.f32 %f1, [%rd2];
            mov.u32 %r5, shared0;
            shl.b32 %r6, %r1, 2;
            add.s32 %r5, %r5, %r6;
            st.shared.f32 [%r5], %f1;
            mov.u32 %r3, 128; // how far away the other number is
        Halve:
            bar.sync 0;
            setp.ge.u32 %p1, %r1, %r3;
            @%p1 bra Skip;
            shl.b32 %r6, %r3, 2;
            add.s32 %r7, %r5, %r6;
            ld.shared.f32 %f2, [%r7];
            add.rn.f32 %f1, %f1, %f2;
            st.shared.f32 [%r5], %f1;
        Skip:
            shr.u32 %r3, %r3, 1;
            setp.ne.u32 %p2, %r3, 0;
            @%p2 bra Halve;
            setp.ne.u32 %p1, %r1, 0;
            @%p1 ret;
            ld.shared.f32 %f3, [shared0+0];
            ld.param.u64 %rd3, [out];
            cvta.to.global.u64 %rd3, %rd3;
            mad.wide.u32 %rd4, %r2, 4, %rd3;
            st.global.f32 [%rd4], %f3;
            ret;
        }
        """;

    // out[thread] and out[thread + threads]: what each kind of shuffle gives, in segments of 32 and of 8 lanes
    public const string Shuffles = """
        .visible .entry Shuffles(.param .u64 out)
        {
            .reg .pred %p<2>;
            .reg .b32 %r<16>;
            .reg .b64 %rd<3>;
            ld.param.u64 %rd1, [out];
            cvta.to.global.u64 %rd1, %rd1;
            mov.u32 %r1, %tid.x;
            mov.u32 %r2, %laneid;
            add.u32 %r3, %r1, 100;
            shfl.sync.bfly.b32 %r4, %r3, 16, 0x1f, 0xffffffff;
            shfl.sync.down.b32 %r5, %r3, 5, 0x1f, 0xffffffff;
            shfl.sync.idx.b32 %r6, %r3, 7, 0x1f, 0xffffffff;
            sub.u32 %r7, 31, %r2;
            shfl.sync.idx.b32 %r8, %r3, %r7, 0x1f, 0xffffffff;
            shfl.sync.down.b32 %r9|%p1, %r3, 3, 0x181f, 0xffffffff;
            selp.u32 %r10, 1, 0, %p1;
            shfl.sync.up.b32 %r11, %r3, 2, 0, 0xffffffff;
            mul.wide.u32 %rd2, %r1, 32;
            add.s64 %rd2, %rd1, %rd2;
            st.global.u32 [%rd2], %r4;
            st.global.u32 [%rd2+4], %r5;
            st.global.u32 [%rd2+8], %r6;
            st.global.u32 [%rd2+12], %r8;
            st.global.u32 [%rd2+16], %r9;
            st.global.u32 [%rd2+20], %r10;
            st.global.u32 [%rd2+24], %r11;
            st.global.u32 [%rd2+28], %r2;
            ret;
        }
        """;

    // out[4i..] = x[4i..] by global, shared and local memory, the last one backwards
    public const string Vectors = """
        .visible .entry Vectors(.param .u64 x, .param .u64 out)
        .maxntid 64, 1, 1
        {
            .shared .align 16 .b8 tile[1024];
            .local .align 16 .b8 own[16];
            .reg .f32 %f<10>;
            .reg .b32 %r<5>;
            .reg .b64 %rd<6>;
            ld.param.u64 %rd1, [x];
            ld.param.u64 %rd2, [out];
            cvta.to.global.u64 %rd1, %rd1;
            cvta.to.global.u64 %rd2, %rd2;
            mov.u32 %r1, %tid.x;
            shl.b32 %r2, %r1, 4;
            cvt.u64.u32 %rd3, %r2;
            add.s64 %rd1, %rd1, %rd3;
            add.s64 %rd2, %rd2, %rd3;
            ld.global.v4.f32 {%f1, %f2, %f3, %f4}, [%rd1];
            mov.u32 %r3, tile;
            add.u32 %r3, %r3, %r2;
            st.shared.v4.f32 [%r3], {%f1, %f2, %f3, %f4};
            ld.shared.v4.f32 {%f5, %f6, %f7, %f8}, [%r3];
            mov.u64 %rd4, own;
            st.local.v4.f32 [%rd4], {%f8, %f7, %f6, %f5};
            ld.local.f32 %f9, [own+12];
            st.local.f32 [own+12], %f9;
            ld.local.v4.f32 {%f1, %f2, %f3, %f4}, [own];
            st.global.v4.f32 [%rd2], {%f1, %f2, %f3, %f4};
            ret;
        }
        """;

    // Every thread changes out[0..10] by its own number; shared memory counts the block's threads.
    public const string Atomics = """
        .visible .entry Atomics(.param .u64 out)
        {
            .shared .align 4 .b8 count[4];
            .reg .pred %p<2>;
            .reg .b32 %r<8>;
            .reg .b64 %rd<2>;
            ld.param.u64 %rd1, [out];
            cvta.to.global.u64 %rd1, %rd1;
            mov.u32 %r1, %tid.x;
            sub.s32 %r2, %r1, 10;
            setp.eq.u32 %p1, %r1, 0;
            @%p1 st.shared.u32 [count], 0;
            bar.sync 0;
            atom.shared.add.u32 %r3, [count], 1;
            bar.sync 0;
            ld.shared.u32 %r4, [count];
            atom.global.add.u32 %r5, [%rd1], %r4;
            atom.global.min.s32 %r5, [%rd1+4], %r2;
            atom.global.max.s32 %r5, [%rd1+8], %r2;
            atom.global.min.u32 %r5, [%rd1+12], %r2;
            atom.global.max.u32 %r5, [%rd1+16], %r2;
            atom.global.and.b32 %r5, [%rd1+20], %r2;
            atom.global.or.b32 %r5, [%rd1+24], %r1;
            atom.global.xor.b32 %r5, [%rd1+28], %r1;
            atom.global.exch.b32 %r6, [%rd1+32], %r1;
            atom.global.cas.b32 %r7, [%rd1+36], %r1, %r2;
            atom.global.add.s32 %r5, [%rd1+40], %r2;
            ret;
        }
        """;

    // out[0..] = every way to write a number, an address or a special register
    public const string Operands = """
        .visible .entry Operands(.param .u64 out, .param .f32 slope, .param .u32 n, .param .u64 long)
        {
            .shared .align 8 .b8 first[8];
            .shared .align 8 .b8 second[8];
            .reg .pred %p1, %p2, %p3;
            .reg .f32 %f<3>;
            .reg .b32 %r<3>;
            .reg .u32 %count;
            .reg .b64 %rd<5>;
            ld.param.u64 %rd1, [out];
            cvta.to.global.u64 %rd1, %rd1;
            mov.u32 %r1, -1;
            st.global.u32 [%rd1], %r1;
            mov.b32 %r1, 0f3F800000;
            st.global.u32 [%rd1+4], %r1;
            mov.f32 %f1, 0fBF000000;
            mov.b32 %r1, %f1;
            st.global.u32 [%rd1+8], %r1;
            mov.b32 %f2, %r1;
            st.global.f32 [%rd1+12], %f2;
            ld.param.f32 %f1, [slope];
            st.global.f32 [%rd1+16], %f1;
            ld.param.u32 %count, [n];
            st.global.u32 [%rd1+20], %count;
            ld.param.u64 %rd2, [long];
            st.global.u64 [%rd1+24], %rd2;
            mov.u64 %rd3, 0x123456789ABCDEF0;
            st.volatile.global.u64 [%rd1+32], %rd3;
            mov.pred %p1, 1;
            not.pred %p2, %p1;
            @!%p2 st.global.u32 [%rd1+40], 7;
            @%p2 st.global.u32 [%rd1+40], 8;
            st.shared.u64 [second], %rd3;
            mov.u32 %r2, second;
            ld.shared.u32 %r1, [%r2+4];
            st.global.u32 [%rd1+44], %r1;
            add.s64 %rd4, %rd1, 64;
            st.global.u32 [%rd4+-16], 48;
            mov.u32 %r1, %ntid.x;
            st.global.u32 [%rd1+52], %r1;
            mov.u32 %r1, %nctaid.x;
            mov.u32 %r2, %nctaid.y;
            mad.lo.u32 %r1, %r1, 100, %r2;
            mov.u32 %r2, %nctaid.z;
            mad.lo.u32 %r1, %r1, 100, %r2;
            st.global.u32 [%rd1+56], %r1;
            mov.u32 %r1, %ctaid.x;
            mov.u32 %r2, %ctaid.y;
            mad.lo.u32 %r1, %r1, 100, %r2;
            mov.u32 %r2, %ctaid.z;
            mad.lo.u32 %r1, %r1, 100, %r2;
            st.global.u32 [%rd1+60], %r1;
            bra.uni Done;
            st.global.u32 [%rd1], 0;
        Done:
            ret;
        }
        """;

    // A long loop of fused multiply-adds, to see how fast the interpreter is.
    public const string Loop = """
        .visible .entry Loop(.param .u64 out, .param .u32 n)
        {
            .reg .pred %p<2>;
            .reg .f32 %f<3>;
            .reg .b32 %r<4>;
            .reg .b64 %rd<3>;
            ld.param.u64 %rd1, [out];
            cvta.to.global.u64 %rd1, %rd1;
            ld.param.u32 %r1, [n];
            mov.u32 %r2, 0;
            mov.u32 %r3, %tid.x;
            mad.wide.u32 %rd2, %r3, 4, %rd1;
            mov.f32 %f1, 0f3F800000;
        Again:
            ld.global.f32 %f2, [%rd2];
            fma.rn.f32 %f1, %f1, %f2, %f2;
            mul.rn.f32 %f1, %f1, 0f3F000000;
            add.s32 %r2, %r2, 1;
            setp.lt.s32 %p1, %r2, %r1;
            @%p1 bra Again;
            st.global.f32 [%rd2], %f1;
            ret;
        }
        """;

    /// <summary>All programs above.</summary>
    public static IReadOnlyList<string> Written { get; } = [TreeSum, Shuffles, Vectors, Atomics, Operands, Loop];

    /// <summary>A kernel that does one thing with %tid.x in %r1 and its parameter, a global address, in %rd1.</summary>
    public static string Small(string name, string body, string declarations = "") => $$"""
        .visible .entry {{name}}(.param .u64 x)
        {
            {{declarations}}
            .reg .pred %p<3>;
            .reg .f32 %f<9>;
            .reg .b32 %r<4>;
            .reg .b64 %rd<3>;
            ld.param.u64 %rd1, [x];
            cvta.to.global.u64 %rd1, %rd1;
            mov.u32 %r1, %tid.x;
            {{body}}
            ret;
        }
        """;

    /// <summary>A kernel whose threads take an instruction's sources from in[4i..] and put its result into out[i], words of 64 bits.</summary>
    public static string Around(PtxOperation operation)
    {
        var text = new StringBuilder($$"""
            .visible .entry {{Entry(operation)}}(.param .u64 in, .param .u64 out)
            {
                .reg .pred %p<4>;
                .reg .f32 %f<4>;
                .reg .b32 %r<8>;
                .reg .b64 %rd<7>;
                ld.param.u64 %rd4, [in];
                ld.param.u64 %rd5, [out];
                cvta.to.global.u64 %rd4, %rd4;
                cvta.to.global.u64 %rd5, %rd5;
                mov.u32 %r4, %tid.x;
                mad.wide.u32 %rd4, %r4, 32, %rd4;
                mad.wide.u32 %rd5, %r4, 8, %rd5;

            """);
        for (int s = 0; s < operation.Sources.Count; s++)
        {
            var type = operation.Sources[s];
            string load = type switch
            {
                PtxType.Pred => $"ld.global.u32 %r{s}, [%rd4+{8 * s}];\n    setp.ne.u32 %p{s}, %r{s}, 0;",
                PtxType.F32 => $"ld.global.f32 %f{s}, [%rd4+{8 * s}];",
                _ => $"ld.global.u{8 * int.Max(4, type.Size)} {Register(type, s)}, [%rd4+{8 * s}];",
            };
            text.AppendLine($"    {load}");
        }
        string sources = string.Join(", ", operation.Sources.Select(Register));
        text.AppendLine($"    {operation.Name} {Register(operation.Result, 3)}, {sources};");
        text.AppendLine(operation.Result switch
        {
            PtxType.Pred => "    selp.u32 %r3, 1, 0, %p3;\n    cvt.u64.u32 %rd3, %r3;",
            PtxType.F32 => "    mov.b32 %r3, %f3;\n    cvt.u64.u32 %rd3, %r3;",
            _ => operation.Result.Size == 8 ? "" : "    cvt.u64.u32 %rd3, %r3;",
        });
        return text.Append("    st.global.u64 [%rd5], %rd3;\n    ret;\n}\n").ToString();
    }

    public static string Entry(PtxOperation operation) => "op_" + operation.Name.Replace('.', '_');

    private static string Register(PtxType type, int number) => (type, type.Size) switch
    {
        (PtxType.Pred, _) => $"%p{number}",
        (PtxType.F32, _) => $"%f{number}",
        (_, 8) => $"%rd{number}",
        _ => $"%r{number}",
    };
}
