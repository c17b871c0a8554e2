# SPDX-License-Identifier: Apache-2.0
"""Searching, selecting, counting and reducing by segments."""
import torch

aten = torch.ops.aten


class Batch(torch.nn.Module):

    def forward(self, x, places, mask, sequence, lengths):
        """x [6, 40] floats, places [6, 40] integers in [0, 6), a mask of
        the same size, a sorted sequence of floats, lengths that sum up to 6"""
        return (self.masked(x, mask) + self.running(x, places)
                + self.searching(x, sequence) + self.picking(x, places)
                + self.counting(x, places) + self.reducing(x, places, lengths)
                + self.unique(places, lengths))

    def masked(self, x, mask):
        selected = aten.masked_select.default(x, mask)
        rows = aten.masked_select.default(x.half(), mask[:, :1])
        scattered = aten.masked_scatter.default(x, mask, x.t().contiguous())
        back = aten.masked_scatter_backward.default(x, mask, [240])
        return selected, rows, scattered, back

    def running(self, x, places):
        highest = aten.cummax.default(x, 0)
        lowest = aten.cummin.default(places, 1)
        return (*highest, *lowest, aten.logcumsumexp.default(x, 1))

    def searching(self, x, sequence):
        order = aten.argsort.default(x[0].contiguous())
        return (aten.searchsorted.Tensor(sequence, x.t()),
                aten.searchsorted.Tensor(x, x + 0.1, out_int32=True,
                                         side="right"),
                aten.searchsorted.Tensor(x[0], x[1], sorter=order),
                aten.bucketize.Tensor(x.half(), sequence, right=True))

    def picking(self, x, places):
        kth = aten.kthvalue.default(places, 3, 0)
        mode = aten.mode.default(places, 0, True)
        along = aten.median.dim(x, 1)
        skipping = aten.nanmedian.dim(x.log(), 1, True)
        return (aten.median.default(x), aten.nanmedian.default(x.log()), *kth,
                *mode, *along, *skipping)

    def counting(self, x, places):
        counts, edges = aten.histogram.bin_ct(x, 9, density=True)
        pairs = aten._histogramdd_from_bin_cts.default(
            x.view(-1, 2), [3, 4], range=[-1.0, 1.0, -2.0, 2.0])
        return (aten.histc.default(x, 12, -1.0, 1.5), counts, edges, pairs,
                aten.bincount.default(places.view(-1)),
                aten.bincount.default(places.view(-1), x.view(-1), 9))

    def reducing(self, x, places, lengths):
        reduced = aten.index_reduce.default(x, 0, places[:4, 0], x[1:5],
                                            "mean", include_self=False)
        largest = aten.index_reduce.default(places, 1, places[0, :7],
                                            places[:, 3:10], "amax")
        segments = aten.segment_reduce.default(x, "mean", lengths=lengths)
        highest = aten.segment_reduce.default(x, "max", lengths=lengths,
                                              initial=0.5)
        grad = aten._segment_reduce_backward.default(
            highest, highest, x, "max", lengths=lengths, initial=0.5)
        return reduced, largest, segments, highest, grad

    def unique(self, places, lengths):
        few = places[:, :2].contiguous()
        return (aten.repeat_interleave.Tensor(lengths),
                *aten._unique2.default(places, True, True, True),
                *aten.unique_consecutive.default(places, True, True),
                *aten.unique_consecutive.default(few, True, True, 0),
                *aten.unique_dim.default(few, 0, True, True, True),
                *aten.unique_dim.default(places, 1, True, True, True))


def inputs():
    return (torch.randn(6, 40), torch.randint(0, 6, (6, 40)),
            torch.rand(6, 40) < 0.4, torch.randn(20).sort().values,
            torch.tensor([2, 0, 3, 1]))


OPERATORS = [
    "aoti_torch_cpu_masked_select",
    "aoti_torch_cpu_masked_scatter",
    "aoti_torch_cpu_masked_scatter_backward",
    "aoti_torch_cpu_cummax",
    "aoti_torch_cpu_cummin",
    "aoti_torch_cpu_logcumsumexp",
    "aoti_torch_cpu_searchsorted_Tensor",
    "aoti_torch_cpu_bucketize_Tensor",
    "aoti_torch_cpu_median",
    "aoti_torch_cpu_nanmedian",
    "aoti_torch_cpu_kthvalue",
    "aoti_torch_cpu_mode",
    "aoti_torch_cpu_histc",
    "aoti_torch_cpu_histogram_bin_ct",
    "aoti_torch_cpu__histogramdd_from_bin_cts",
    "aoti_torch_cpu_index_reduce",
    "aoti_torch_cpu_segment_reduce",
    "aoti_torch_cpu__segment_reduce_backward",
    "aoti_torch_cpu_repeat_interleave_Tensor",
]
